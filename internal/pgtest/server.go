package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"waybill/internal/database"
	"waybill/internal/pgcluster"
	"waybill/migrations"
)

// URLVariable names a server to test on instead of a private cluster.
const URLVariable = "WAYBILL_TEST_DATABASE_URL"

// templateLock is the key of the advisory lock under which a template is made.
const templateLock = 0x7767_7465_7374 // "wgtest"

//nolint:gochecknoglobals // one cluster for all tests of a binary, made when the first asks
var once struct {
	sync.Mutex
	server *server
	err    error
	keep   *pgcluster.Temporary // while we hold it, its watchdog waits
}

// shared gives the server of this test binary. The first failure is everyone's.
func shared(t testing.TB) server {
	t.Helper()
	once.Lock()
	defer once.Unlock()
	if once.server == nil && once.err == nil {
		// The server outlives the test that happened to come first.
		once.server, once.err = open(context.WithoutCancel(t.Context()))
	}
	if once.err != nil {
		t.Fatalf("pgtest: %v", once.err)
	}
	return *once.server
}

func open(ctx context.Context) (*server, error) {
	address := os.Getenv(URLVariable)
	if address == "" {
		cluster, err := pgcluster.StartTemporary(ctx, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		once.keep = cluster
		address = cluster.URL("postgres")
	}
	admin, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", URLVariable, err)
	}
	s := &server{admin: admin}
	s.template, err = s.makeTemplate(ctx)
	return s, err
}

// makeTemplate migrates a database once and for all: it is named after what is in
// the migrations, so that on a server that stays later runs find it. It is marked
// as a template when it is complete.
func (s *server) makeTemplate(ctx context.Context) (string, error) {
	sum, err := fingerprint(migrations.FS)
	if err != nil {
		return "", err
	}
	name := "waybill_template_" + sum
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // and with the session, the lock
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(templateLock)); err != nil {
		return "", fmt.Errorf("lock the template: %w", err)
	}
	var complete bool
	err = conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1 and datistemplate)", name).Scan(&complete)
	if err != nil || complete {
		return name, err
	}
	for _, statement := range []string{"drop database if exists " + name + " with (force)", "create database " + name + " template template0"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := migrate(ctx, s.address(name)); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "alter database "+name+" is_template true")
	return name, err
}

func migrate(ctx context.Context, address string) error {
	pool, err := database.Open(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	return database.Migrate(ctx, pool, migrations.FS, slog.New(slog.DiscardHandler))
}

func fingerprint(files fs.FS) (string, error) {
	hash := sha256.New()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names { // Glob sorts
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}
