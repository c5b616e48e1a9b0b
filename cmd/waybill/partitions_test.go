package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	trackingpg "waybill/tracking/postgres"
)

func TestPartitionsCommand(t *testing.T) {
	t.Parallel()
	address := pgtest.NewURL(t)
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	pool := pgtest.Open(t, address)
	partitions := trackingpg.NewPartitions(pool, trackingpg.PartitionOptions{})
	_, err := pool.Exec(t.Context(), "update tracking.position_calendar set daily_from = '2020-01-01'")
	require.NoError(t, err)
	require.NoError(t, partitions.Ensure(t.Context(), start))
	require.NoError(t, partitions.Ensure(t.Context(), start.AddDate(-18, 0, 0)))
	waybill := func(args ...string) (code int, out, errs string) {
		var o, e bytes.Buffer
		code = run(t.Context(), append([]string{"--database-url", address}, args...), &o, &e)
		return code, o.String(), e.String()
	}

	code, out, errs := waybill("partitions")
	require.Zero(t, code, errs)
	require.Regexp(t, `(?m)^ *2008 +open +0 +0 +0\.0 MiB`, out)
	require.Regexp(t, `(?m)^ *2026-03-02 +open +0 +0 +0\.0 MiB +0\.0 MiB`, out)

	code, out, errs = waybill("partitions", "seal", "2026-03-02")
	require.Zero(t, code, errs)
	require.Equal(t, "2026-03-02 is sealed\n", out)

	code, out, errs = waybill("partitions", "--json")
	require.Zero(t, code, errs)
	var listed listedDay
	days := json.NewDecoder(bytes.NewBufferString(out))
	require.NoError(t, days.Decode(&listed))
	require.Equal(t, "2008", listed.Day)
	require.NoError(t, days.Decode(&listed))
	require.Equal(t, "2026-03-02", listed.Day)
	require.Equal(t, "sealed", listed.State)
	require.NotNil(t, listed.SealedTime)
	require.ErrorIs(t, days.Decode(&listed), io.EOF)

	code, _, errs = waybill("partitions", "seal", "2026-03-03")
	require.Equal(t, exitFailure, code)
	require.Contains(t, errs, "no positions of 2026-03-03")
	code, _, errs = waybill("partitions", "seal", time.Now().UTC().Format(time.DateOnly))
	require.Equal(t, exitFailure, code)
	require.Contains(t, errs, "not over yet")
	code, _, errs = waybill("partitions", "seal", "monday")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "2026-03-02")
}

// TestSealedDayComesBackFromABackup has the index over places made anew by a server
// that has nothing on its search path.
func TestSealedDayComesBackFromABackup(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("pg_dump is not installed")
	}
	address, restored := pgtest.NewURL(t), pgtest.NewEmptyURL(t)
	pool := pgtest.Open(t, address)
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	partitions := trackingpg.NewPartitions(pool, trackingpg.PartitionOptions{})
	_, err := pool.Exec(t.Context(), "update tracking.position_calendar set daily_from = '2020-01-01'")
	require.NoError(t, err)
	require.NoError(t, partitions.Ensure(t.Context(), start))
	_, err = pool.Exec(t.Context(), `insert into tracking.position (device_id, fix_time, received_time, geom, source)
		values (1, $1, $1, 'SRID=4326;POINT(116 39)', 'test')`, start)
	require.NoError(t, err)
	require.NoError(t, partitions.Seal(t.Context(), start))

	dir := filepath.Join(t.TempDir(), "backup")
	var errs bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"--database-url", address, "backup", dir}, io.Discard, &errs), &errs)
	require.Zero(t, run(t.Context(), []string{"--database-url", restored, "restore", dir}, io.Discard, &errs), &errs)
	days, err := trackingpg.NewPartitions(pgtest.Open(t, restored), trackingpg.PartitionOptions{}).Days(t.Context())
	require.NoError(t, err)
	require.Len(t, days, 1)
	require.Equal(t, trackingpg.DaySealed, days[0].State)
	require.EqualValues(t, 1, days[0].Rows)
}
