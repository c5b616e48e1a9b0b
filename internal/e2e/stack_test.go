package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"waybill/internal/access"
	"waybill/internal/database"
	"waybill/internal/pgcluster"
)

// stack is a running Waybill: one process, or three.
type stack struct {
	dir  string
	http string
	grpc string // of the crm role
	// tracking is the gRPC address of the tracking role.
	tracking string
	mqtt     string
	admin    string
	// database is the address of the database once it is up.
	database string
	// cluster is a PostgreSQL of the test's own, or nil where the server runs one.
	cluster *pgcluster.Cluster
	// processes are by role, or under "all"; order is that in which they were started.
	processes map[string]*process
	arguments map[string][]string
	order     []string
}

// newStack starts a Waybill of its own for the test, with extra arguments for the
// process that runs the gateway.
func newStack(t *testing.T, gatewayArgs ...string) *stack {
	t.Helper()
	return newStackOn(t, *split, gatewayArgs...)
}

// newStackOn starts a Waybill on a PostgreSQL of its own, or on one that the test
// can stop.
func newStackOn(t *testing.T, external bool, gatewayArgs ...string) *stack {
	t.Helper()
	s := &stack{
		dir: reachableDir(t), http: freeAddress(t), grpc: freeAddress(t), mqtt: freeAddress(t),
		processes: make(map[string]*process), arguments: make(map[string][]string),
	}
	if external {
		s.startDatabase(t)
		s.database = s.cluster.URL()
		t.Cleanup(func() { require.NoError(t, s.cluster.Close()) })
	}
	if *split {
		s.split(t, gatewayArgs)
	} else {
		s.tracking = s.grpc
		s.arguments["all"] = append([]string{
			"serve", "--no-gazetteer", "--data-dir", s.data(), "--database-url", s.database,
			"--http-address", s.http, "--grpc-address", s.grpc, "--mqtt-address", s.mqtt,
		}, gatewayArgs...)
		s.launch(t, "all")
	}
	if s.database == "" {
		s.database = borrowURL(t, s.data())
	}
	s.admin = s.token(t, "admin")
	return s
}

// startDatabase starts the test's PostgreSQL, which restarts when it is killed.
func (s *stack) startDatabase(t *testing.T) {
	t.Helper()
	cluster, err := pgcluster.Open(t.Context(), pgcluster.Config{DataDir: s.data(), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	s.cluster = cluster
}

// split starts three processes on the test's PostgreSQL.
func (s *stack) split(t *testing.T, gatewayArgs []string) {
	t.Helper()
	s.waybill(t, "migrate")
	peer := s.token(t, "peer")
	gateway := freeAddress(t)
	s.tracking = freeAddress(t)
	common := []string{
		"serve", "--no-gazetteer", "--database-url", s.database, "--peer-token", peer,
		"--tracking-address", s.tracking, "--gateway-address", gateway, "--crm-address", s.grpc,
	}
	with := func(extra ...string) []string { return append(append([]string(nil), common...), extra...) }
	s.arguments["tracking"] = with("--roles", "tracking", "--grpc-address", s.tracking, "--http-address", freeAddress(t))
	s.arguments["gateway"] = append(with("--roles", "gateway", "--grpc-address", gateway, "--http-address", freeAddress(t),
		"--mqtt-address", s.mqtt, "--data-dir", filepath.Join(s.dir, "gateway")), gatewayArgs...)
	s.arguments["crm"] = with("--roles", "crm", "--grpc-address", s.grpc, "--http-address", s.http)
	for _, role := range []string{"tracking", "gateway", "crm"} {
		s.launch(t, role)
	}
}

// launch starts the process with the arguments that are noted for it.
func (s *stack) launch(t *testing.T, name string) {
	t.Helper()
	if len(s.order) == 0 {
		t.Cleanup(func() { s.close(t) })
	}
	s.order = append(s.order, name)
	s.processes[name] = launch(t, s.arguments[name]...)
}

// roles are the names of the processes.
func (s *stack) roles() []string { return s.order }

func (s *stack) data() string { return filepath.Join(s.dir, "data") }

func (s *stack) close(t *testing.T) {
	t.Helper()
	roles := s.roles()
	for i := len(roles) - 1; i >= 0; i-- {
		p := s.processes[roles[i]]
		if p == nil {
			continue
		}
		if err := p.stop(); err != nil {
			t.Errorf("%s: %v", roles[i], err)
		}
		if t.Failed() {
			t.Logf("--- %s ---\n%s", roles[i], tail(p.output()))
		}
	}
}

// crash kills a process with -9 and starts it again.
func (s *stack) crash(t *testing.T, role string) {
	t.Helper()
	s.processes[role].kill(t)
	s.processes[role] = launch(t, s.arguments[role]...)
}

// ended gives a channel that is closed when one of the processes that run now ends.
func (s *stack) ended() <-chan struct{} {
	one := make(chan struct{})
	var once sync.Once
	for _, p := range s.processes {
		go func() {
			<-p.ended
			once.Do(func() { close(one) })
		}()
	}
	return one
}

// gateway is the name of the process that runs the gateway.
func (s *stack) gateway() string {
	if *split {
		return "gateway"
	}
	return "all"
}

// relaunch stops a process as an operator would and starts it with more arguments.
func (s *stack) relaunch(t *testing.T, role string, more ...string) {
	t.Helper()
	require.NoError(t, s.processes[role].stop())
	s.processes[role] = launch(t, append(append([]string(nil), s.arguments[role]...), more...)...)
}

// crashDatabase kills PostgreSQL's postmaster with -9. It says whether there was one:
// it may just be being restarted.
func (s *stack) crashDatabase(t *testing.T) bool {
	t.Helper()
	dir := filepath.Join(s.data(), "postgres")
	raw, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if os.IsNotExist(err) {
		return false
	}
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return false // it is just being written
	}
	// The file outlives the postmaster, whose number may be another process's by now.
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil && cwd != dir {
		return false
	}
	return syscall.Kill(pid, syscall.SIGKILL) == nil
}

// waybill runs a command of the program beside the server and returns what it
// printed.
func (s *stack) waybill(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.tryWaybill(t.Context(), args...)
	require.NoError(t, err)
	return out
}

func (s *stack) tryWaybill(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "WAYBILL_LOG_LEVEL=warn")
	if s.cluster != nil {
		cmd.Env = append(cmd.Env, "WAYBILL_DATABASE_URL="+s.database)
	} else {
		cmd.Env = append(cmd.Env, "WAYBILL_DATA_DIR="+s.data())
	}
	return output(cmd)
}

// token issues a token from the machine itself.
func (s *stack) token(t *testing.T, role string, more ...string) string {
	t.Helper()
	out := s.waybill(t, append([]string{"token", "create", "--json", "--role", role}, more...)...)
	var token struct{ Secret string }
	require.NoError(t, json.Unmarshal([]byte(out), &token))
	return token.Secret
}

// dial connects to a gRPC server with a token.
func dial(t *testing.T, address, token string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(access.Bearer{Secret: token, Plain: true}))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

// get fetches a path of the HTTP face.
func (s *stack) get(t *testing.T, token, path string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.http+path, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, body
}

// pool connects to the database, to see what is stored.
func (s *stack) pool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := database.Open(t.Context(), s.database)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func output(cmd *exec.Cmd) (string, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), &commandError{command: strings.Join(cmd.Args, " "), said: errs.String() + out.String(), err: err}
	}
	return out.String(), nil
}

// commandError is how a command failed, with what it said.
type commandError struct {
	command, said string
	err           error
}

func (e *commandError) Error() string { return e.command + ": " + e.err.Error() + "\n" + e.said }
func (e *commandError) Unwrap() error { return e.err }

// borrowURL is the address of the private database of a running server.
func borrowURL(t *testing.T, dir string) string {
	t.Helper()
	cluster, err := pgcluster.Attach(t.Context(), pgcluster.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer func() { require.NoError(t, cluster.Close()) }()
	return cluster.URL()
}

// reachableDir is a directory that the user whom PostgreSQL runs as can reach.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "waybill-") //nolint:usetesting // the parent of t.TempDir is closed to other users
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755)) //nolint:gosec // PostgreSQL runs as another user when we are root
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func tail(s string) string {
	const most = 20_000
	if len(s) > most {
		return "...\n" + s[len(s)-most:]
	}
	return s
}
