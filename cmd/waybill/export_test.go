package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/internal/access"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
	"waybill/tracking/trackfile"
)

// exporter is a server with a track on it, and the command that asks it.
type exporter struct {
	address string
	tokens  map[access.Role]string
	start   time.Time
}

// newExporter has truck-1 drive a hundred fixes, of which every tenth is a corner.
func newExporter(t *testing.T) exporter {
	t.Helper()
	p := wired(t)
	e := exporter{tokens: map[access.Role]string{}, start: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	for _, role := range []access.Role{access.Analyst, access.Peer} {
		_, secret, err := access.NewStore(p.store.pool).Create(t.Context(), access.Token{Role: role})
		require.NoError(t, err)
		e.tokens[role] = secret
	}
	registry := trackingpg.NewRegistry(p.store.pool, "CN")
	_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: "unit-1"}, "")
	require.NoError(t, err)
	_, err = registry.CreateVehicle(t.Context(), tracking.Vehicle{UID: "truck-1"}, "")
	require.NoError(t, err)
	fitting := tracking.Fitting{Device: "unit-1", Vehicle: "truck-1", Primary: true, From: e.start}
	require.NoError(t, registry.FitDevice(t.Context(), fitting))
	var records []tracking.Record
	store := trackingpg.NewFixStore(p.store.pool, trackingpg.FixOptions{})
	ids, err := store.DeviceIDs(t.Context(), []string{"unit-1"})
	require.NoError(t, err)
	for i := range 100 {
		at := e.start.Add(time.Duration(i) * time.Minute)
		fix := tracking.NewFix(at, orb.Point{120 + float64(i)/1000, 0.01 * float64(i/10%2)})
		record, rejected := tracking.Validate(tracking.Report{Device: "unit-1", Received: at, Source: "test", Fix: fix}, 0)
		require.Nil(t, rejected)
		record.DeviceID = ids["unit-1"]
		records = append(records, record)
	}
	_, err = store.Commit(t.Context(), records)
	require.NoError(t, err)

	listener, err := listen(t.Context(), "grpc", "127.0.0.1:0")
	require.NoError(t, err)
	e.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.rpc.Run(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return e
}

func (e exporter) export(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, m bytes.Buffer
	code = run(t.Context(), append([]string{"export", "--server", e.address, "--token", e.tokens[access.Analyst]}, args...), &o, &m)
	return code, o.String(), m.String()
}

func TestExportCommand(t *testing.T) {
	t.Parallel()
	e := newExporter(t)

	code, out, errs := e.export(t, "truck-1", "--from", "2026-03-01T08:30:00Z", "--to", "2026-03-01 09:00")
	require.Zero(t, code, errs)
	n := 0
	for fix, err := range trackfile.ReadGPX(strings.NewReader(out)) {
		require.NoError(t, err)
		require.Equal(t, e.start.Add(time.Duration(30+n)*time.Minute), fix.Time)
		n++
	}
	require.Equal(t, 30, n)

	for _, name := range []string{"truck-1", "vehicles/truck-1", "devices/unit-1"} {
		code, out, errs = e.export(t, name, "--format", "csv")
		require.Zero(t, code, errs)
		require.Equal(t, 101, strings.Count(out, "\n"))
	}
	code, out, errs = e.export(t, "truck-1", "--format", "kml", "--tolerance", "1")
	require.Zero(t, code, errs)
	require.Equal(t, 20, strings.Count(out, "<when>"), "ten straights have two ends each")
	code, out, errs = e.export(t, "truck-1", "--to", "2026-03-01")
	require.Zero(t, code, errs)
	require.NotContains(t, out, "<trkpt")
}

func TestExportToAFile(t *testing.T) {
	t.Parallel()
	e := newExporter(t)
	dir := t.TempDir()
	code, out, errs := e.export(t, "truck-1", "--out", filepath.Join(dir, "march.csv.gz"))
	require.Zero(t, code, errs)
	require.Contains(t, out, "100 fixes are in ")
	file, err := os.Open(filepath.Join(dir, "march.csv.gz"))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	text, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "fix_time,longitude,latitude,"))

	// What fails leaves nothing behind.
	code, _, errs = e.export(t, "truck-2", "--out", filepath.Join(dir, "none.gpx"))
	require.Equal(t, exitFailure, code)
	require.Contains(t, errs, "there is no truck-2")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestExportSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	e := newExporter(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"devices/truck-1"}, exitFailure, "there is no devices/truck-1"},
		{[]string{"Truck 1"}, exitFailure, "give a name like vehicles/abc"},
		{[]string{"truck-1", "--from", "yesterday"}, exitUsage, "--from yesterday is no time"},
		{[]string{"truck-1", "--from", "2026-03-02", "--to", "2026-03-01"}, exitUsage, "--to must be later"},
		{[]string{"truck-1", "--format", "pdf"}, exitUsage, "gpx"},
		{[]string{"truck-1", "--tolerance=-1"}, exitFailure, "0 or more"},
		{[]string{"truck-1", "--token", "wrong"}, exitFailure, "doesn't know the token"},
		{[]string{"truck-1", "--token", e.tokens[access.Peer]}, exitFailure, "may not see tracks"},
		{[]string{"truck-1", "--token", ""}, exitUsage, "waybill token create"},
		{[]string{"truck-1", "--server", "127.0.0.1:1"}, exitFailure, "say where it is with --server"},
		{[]string{"truck-1", "--out", filepath.Join(t.TempDir(), "none", "x.gpx")}, exitFailure, "no such file or directory"},
	} {
		code, _, errs := e.export(t, c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, errs)
		require.Contains(t, errs, c.says)
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-01":                now.Add(-36 * time.Hour),
		"2026-03-02 11:30":          now.Add(-30 * time.Minute),
		"2026-03-02T20:00:00+08:00": now,
		"90m":                       now.Add(-90 * time.Minute),
	} {
		got, ok := moment(text, now)
		require.True(t, ok, text)
		require.True(t, want.Equal(got), text)
	}
	for _, text := range []string{"", "soon", "-1h", "2026-02-30"} {
		_, ok := moment(text, now)
		require.False(t, ok, text)
	}
}
