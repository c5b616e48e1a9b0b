package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/database"
)

// killAfter is how long a program that was told to end may take.
const killAfter = 10 * time.Second

// run runs pg_dump or pg_restore and calls table for each table that it begins.
func run(ctx context.Context, o Options, program string, table func(name string), args ...string) error {
	env, err := environment(o.Address)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // a program that we looked for
	cmd.Env = env
	// Gently: on SIGTERM it ends its workers, and their queries on the server.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(program), err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(program), err)
	}
	complaints, readErr := listen(stderr, table)
	err = cmd.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", filepath.Base(program), context.Cause(ctx))
	}
	if err = errors.Join(err, readErr); err != nil {
		return fmt.Errorf("%s %w: %s: %w", filepath.Base(program), ErrFailed, complaints, err)
	}
	return nil
}

// tablePattern is how pg_dump and pg_restore name a table that they begin, with
// --verbose and English messages.
var tablePattern = regexp.MustCompile(`(?:dumping contents of|processing data for) table "(.*)"$`)

// listen reads a program's words to their end and keeps those that complain.
func listen(r io.Reader, table func(string)) (complaints string, err error) {
	const most = 8
	var kept []string
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		if m := tablePattern.FindStringSubmatch(line); m != nil {
			table(m[1])
			continue
		}
		if strings.Contains(line, "error:") || strings.Contains(line, "detail:") || strings.Contains(line, "hint:") {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	return strings.Join(kept[:min(len(kept), most)], "; "), scanner.Err()
}

// environment tells a program of PostgreSQL's where the database is. Not by its
// arguments, which every user of the machine can read; and not by the address as it
// is, which may have settings of pgx's that libpq refuses.
func environment(address string) ([]string, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", database.ErrAddress, err)
	}
	c := config.ConnConfig
	env := []string{
		"LC_ALL=C",
		"PGHOST=" + c.Host,
		"PGPORT=" + strconv.Itoa(int(c.Port)),
		"PGUSER=" + c.User,
		"PGDATABASE=" + c.Database,
		"PGAPPNAME=waybill-backup",
	}
	if c.Password != "" {
		env = append(env, "PGPASSWORD="+c.Password)
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	for _, name := range []string{"sslmode", "sslcert", "sslkey", "sslrootcert", "sslpassword", "channel_binding", "target_session_attrs"} {
		variable := "PG" + strings.ReplaceAll(strings.ToUpper(name), "_", "")
		if v := setting(address, name); v != "" {
			env = append(env, variable+"="+v)
		} else if v, ok := os.LookupEnv(variable); ok {
			env = append(env, variable+"="+v)
		}
	}
	return env, nil
}

// setting reads one setting from an address in either form.
func setting(address, name string) string {
	if u, err := url.Parse(address); err == nil && u.Scheme != "" {
		return u.Query().Get(name)
	}
	for field := range strings.FieldsSeq(address) {
		if key, value, ok := strings.Cut(field, "="); ok && key == name {
			return strings.Trim(value, "'")
		}
	}
	return ""
}
