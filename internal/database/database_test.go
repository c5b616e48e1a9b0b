package database_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"waybill/internal/database"
	"waybill/internal/pgtest"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	pool, err := database.Open(t.Context(), pgtest.NewEmptyURL(t))
	require.NoError(t, err)
	defer pool.Close()
	var zone, name string
	require.NoError(t, pool.QueryRow(t.Context(), "select current_setting('timezone'), current_setting('application_name')").Scan(&zone, &name))
	require.Equal(t, "UTC waybill", zone+" "+name)
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	_, err := database.Open(t.Context(), "postgres://nowhere:notaport/")
	require.ErrorIs(t, err, database.ErrAddress)
	require.False(t, database.IsRetryable(err))

	_, err = database.Open(t.Context(), "postgres://waybill@/waybill?host="+t.TempDir())
	require.ErrorIs(t, err, database.ErrUnreachable)
	require.True(t, database.IsRetryable(err), "the server may come yet")
}

func TestConfig(t *testing.T) {
	t.Parallel()
	config, err := database.Config("postgres://u:p@h/d?pool_max_conns=3&application_name=bench")
	require.NoError(t, err)
	require.EqualValues(t, 3, config.MaxConns)
	require.Equal(t, "bench", config.ConnConfig.RuntimeParams["application_name"])
	config, err = database.Config("host=h dbname=d")
	require.NoError(t, err)
	require.GreaterOrEqual(t, config.MaxConns, int32(8))
}

func TestIsRetryable(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"40001", "40P01", "08006", "53100", "53300", "57P01", "57P03"} {
		require.True(t, database.IsRetryable(fmt.Errorf("commit: %w", &pgconn.PgError{Code: code})), code)
	}
	for _, code := range []string{"23505", "22P02", "42P01", "57014"} {
		require.False(t, database.IsRetryable(&pgconn.PgError{Code: code}), code)
	}
	require.True(t, database.IsRetryable(io.ErrUnexpectedEOF))
	for _, err := range []error{nil, context.Canceled, pgx.ErrNoRows, errors.New("other")} {
		require.False(t, database.IsRetryable(err))
	}
}

// A connection that the server cuts off is worth a retry, and the retry works.
func TestConnectionCutOff(t *testing.T) {
	t.Parallel()
	address := pgtest.NewEmptyURL(t)
	pool, other := pgtest.Open(t, address), pgtest.Open(t, address)
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	var pid int
	require.NoError(t, tx.QueryRow(t.Context(), "select pg_backend_pid()").Scan(&pid))
	_, err = other.Exec(t.Context(), "select pg_terminate_backend($1, 60000)", pid)
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "select 1")
	require.Error(t, err)
	require.True(t, database.IsRetryable(err), "%v", err)
	require.Error(t, tx.Commit(t.Context()))
	_, err = pool.Exec(t.Context(), "select 1")
	require.NoError(t, err)
}
