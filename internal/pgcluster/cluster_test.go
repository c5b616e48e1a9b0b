package pgcluster_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgcluster"
)

func TestClusterKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	// What an initialisation that was cut off leaves is no hindrance.
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "postgres.init-1", "base"), 0o700))
	require.NoError(t, os.Chmod(dir, 0o711)) //nolint:gosec // for the user PostgreSQL runs as

	first := open(t, dir)
	require.NoDirExists(t, filepath.Join(dir, "postgres.init-1"))
	require.NoError(t, first.Health())
	require.True(t, first.Owned())
	execute(t, first.URL(), "create table kept as select 'yes' as answer; create extension postgis")
	require.Equal(t, "on on C.UTF-8 UTF8", query(t, first.URL(),
		"select concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), datcollate, pg_encoding_to_char(encoding)) from pg_database where datname = current_database()"))
	require.Empty(t, query(t, first.URL(), "show listen_addresses"))
	require.NoError(t, first.Close())
	require.NoError(t, first.Close(), "a second Close does nothing")
	require.NoFileExists(t, filepath.Join(dir, "postgres", "postmaster.pid"))

	second := open(t, dir)
	require.Equal(t, "yes", query(t, second.URL(), "select answer from kept"))
}

func TestOwnerKilledPostmasterAdopted(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	owner, address := startHelper(t, "own:"+dir)
	execute(t, address, "create table kept as select 'yes' as answer")
	before := postmasterPID(t, dir)

	// A second owner is told of the first.
	_, err := pgcluster.Open(t.Context(), pgcluster.Config{DataDir: dir, Logger: quiet()})
	require.ErrorIs(t, err, pgcluster.ErrInUse)
	var setup *pgcluster.SetupError
	require.ErrorAs(t, err, &setup)
	require.Equal(t, owner.Process.Pid, setup.PID)
	require.ErrorContains(t, err, strconv.Itoa(owner.Process.Pid)+" (helper)")

	require.NoError(t, owner.Process.Signal(syscall.SIGKILL))
	require.Error(t, owner.Wait())
	c := open(t, dir)
	require.Equal(t, before, postmasterPID(t, dir), "the postmaster that was left is taken over")
	require.Equal(t, "yes", query(t, c.URL(), "select answer from kept"))
	require.NoError(t, c.Close())
	require.NoFileExists(t, filepath.Join(dir, "postgres", "postmaster.pid"))
}

func TestPostmasterKilledIsRestarted(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	execute(t, c.URL(), "create table kept as select 'yes' as answer")
	before := postmasterPID(t, dir)
	require.NoError(t, syscall.Kill(before, syscall.SIGKILL))

	require.Eventually(t, func() bool {
		answer, err := tryQuery(t.Context(), c.URL(), "select answer from kept")
		return err == nil && answer == "yes" && c.Health() == nil
	}, time.Minute, 50*time.Millisecond)
	require.NotEqual(t, before, postmasterPID(t, dir))
}

func TestStalePIDOfAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	require.NoError(t, c.Close())
	// After a reboot the number in a left postmaster.pid may be anybody's: ours, here.
	stale := strings.Join([]string{strconv.Itoa(os.Getpid()), filepath.Join(dir, "postgres"), "1", "5432", dir, "", "1 1", "ready"}, "\n")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "postgres", "postmaster.pid"), []byte(stale), 0o600))
	require.NoError(t, open(t, dir).Health())
}

func TestLongPathListensElsewhere(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataDir(t), strings.Repeat("long", 30))
	c := open(t, dir)
	require.Equal(t, "waybill", query(t, c.URL(), "select current_database()::text"))
	socketDir := query(t, c.URL(), "show unix_socket_directories")
	require.Less(t, len(socketDir)+len("/.s.PGSQL.5432"), 104)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(socketDir)) })
}

func postmasterPID(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

// Whoever comes next copes with what a restart that was cut off has left: a dead
// postmaster that nobody has waited for yet, or one that is just coming up.
func TestOwnerKilledWhileItRestarts(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for after := time.Duration(0); after <= 300*time.Millisecond; after += 100 * time.Millisecond {
		owner, _ := startHelper(t, "own:"+dir)
		require.NoError(t, syscall.Kill(postmasterPID(t, dir), syscall.SIGKILL))
		moment := time.NewTimer(after)
		<-moment.C
		require.NoError(t, owner.Process.Kill())
		require.Error(t, owner.Wait())
		c := open(t, dir)
		require.Equal(t, "waybill", query(t, c.URL(), "select current_database()::text"), after)
		require.NoError(t, c.Close())
	}
}

// A cluster that one of PostgreSQL's own processes has brought down recovers by itself,
// and says so to whoever connects: its next owner waits.
func TestRecoveringPostmasterAdopted(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	owner, address := startHelper(t, "own:"+dir)
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	before := postmasterPID(t, dir)
	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
	require.NoError(t, syscall.Kill(int(conn.PgConn().PID()), syscall.SIGKILL))
	require.Error(t, conn.Ping(t.Context()))
	require.Equal(t, "waybill", query(t, open(t, dir).URL(), "select current_database()::text"))
	require.Equal(t, before, postmasterPID(t, dir))
}

// Backends outlive a killed postmaster while they are at work, and no other can start
// before they are gone: the next owner waits for them.
func TestOrphanedBackendsAreWaitedFor(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	owner, address := startHelper(t, "own:"+dir)
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		// It may be cut off, or not.
		defer func() { _ = conn.Close(t.Context()) }()
		_, _ = conn.Exec(t.Context(), "do $$ declare until constant timestamptz := clock_timestamp() + interval '3 s'; begin while clock_timestamp() < until loop end loop; end $$")
	}()
	require.Eventually(t, func() bool {
		return query(t, address, fmt.Sprintf("select state from pg_stat_activity where pid = %d", conn.PgConn().PID())) == "active"
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
	require.NoError(t, syscall.Kill(postmasterPID(t, dir), syscall.SIGKILL))
	require.Equal(t, "waybill", query(t, open(t, dir).URL(), "select current_database()::text"))
	<-done
}
