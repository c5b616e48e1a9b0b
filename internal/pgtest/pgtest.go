// Package pgtest gives each test a database of its own: PostgreSQL with PostGIS,
// with Waybill's schema, cloned from a template in some 80 ms, dropped at the end.
//
// With WAYBILL_TEST_DATABASE_URL set (a superuser's address) it uses that server.
// Otherwise the first test that asks starts a private cluster for this test binary,
// which is gone with it, even if it is killed. No TestMain is needed.
//
// A pool has goroutines until the test's cleanup closes it: look for leaks with
// goleak.VerifyTestMain, or with goleak.IgnoreCurrent after [New].
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/database"
)

// New gives a pool on a fresh migrated database that only this test sees.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return Open(t, NewURL(t))
}

// NewURL gives the address of a fresh migrated database that only this test sees,
// for tests that start processes.
func NewURL(t testing.TB) string {
	t.Helper()
	return create(t, shared(t).template)
}

// NewEmptyURL gives the address of a fresh database with nothing in it, not even
// PostGIS.
func NewEmptyURL(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// Open gives a pool on the database at address, closed with the test.
func Open(t testing.TB, address string) *pgxpool.Pool {
	t.Helper()
	config, err := database.Config(address)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return OpenConfig(t, config)
}

// OpenConfig gives a pool of its own configuration, closed with the test.
func OpenConfig(t testing.TB, config *pgxpool.Config) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func create(t testing.TB, template string) string {
	t.Helper()
	server := shared(t)
	name := fmt.Sprintf("waybill_test_%d_%s", os.Getpid(), strings.ToLower(rand.Text()[:10]))
	create := fmt.Sprintf("create database %s template %s", name, template)
	if err := server.exec(t.Context(), create); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context is done by now.
		if err := server.exec(context.WithoutCancel(t.Context()), "drop database if exists "+name+" with (force)"); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return server.address(name)
}

// server is where the tests' databases live.
type server struct {
	admin    *url.URL
	template string // the migrated database that New clones
}

// address of another database on the same server.
func (s server) address(name string) string {
	u := *s.admin
	u.Path = "/" + name
	return u.String()
}

// exec runs one statement on a connection of its own: cloning and dropping
// databases is rare, and an idle connection would be a goroutine that leaks.
func (s server) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
