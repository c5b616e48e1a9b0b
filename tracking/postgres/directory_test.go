package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
	"waybill/tracking/trackingtest"
)

func TestDirectory(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	trackingtest.RunDirectory(t, r, r)
}

func TestPasswordsAreNotStored(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := postgres.NewRegistry(pool, "CN")
	_, err := r.CreateDevice(t.Context(), tracking.Device{UID: "d"}, "")
	require.NoError(t, err)
	password, err := r.RotateCredential(t.Context(), "d")
	require.NoError(t, err)
	require.Len(t, password, 32)
	var row string
	require.NoError(t, pool.QueryRow(t.Context(), "select d::text from tracking.device d").Scan(&row))
	require.NotContains(t, row, password)
}
