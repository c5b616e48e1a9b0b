package pgtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/internal/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewGivesEachTestItsOwn(t *testing.T) {
	t.Parallel()
	one, two := pgtest.New(t), pgtest.New(t)
	_, err := one.Exec(t.Context(), "create table mine (id int)")
	require.NoError(t, err)
	var exists bool
	require.NoError(t, two.QueryRow(t.Context(), "select to_regclass('mine') is not null").Scan(&exists))
	require.False(t, exists)
}

func TestNewIsMigrated(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var metres float64
	err := pool.QueryRow(t.Context(), "select ST_Distance('POINT(116.39 39.9)'::geography, 'POINT(116.40 39.9)'::geography)").Scan(&metres)
	require.NoError(t, err)
	require.InDelta(t, 855, metres, 5)
	var version int64
	require.NoError(t, pool.QueryRow(t.Context(), "select max(version_id) from waybill_migrations").Scan(&version))
	require.Positive(t, version)
}

func TestDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("use", func(t *testing.T) { // its end is what we look at
		require.NoError(t, pgtest.New(t).QueryRow(t.Context(), "select current_database()").Scan(&name))
	})
	var exists bool
	err := pgtest.New(t).QueryRow(t.Context(), "select exists (select from pg_database where datname = $1)", name).Scan(&exists)
	require.NoError(t, err)
	require.False(t, exists)
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		b.Run("clone", func(b *testing.B) { pgtest.New(b) })
	}
}
