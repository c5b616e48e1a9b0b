package tracking_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/internal/database"
	"waybill/internal/pgcluster"
	"waybill/internal/pgtest"
	"waybill/migrations"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

const (
	crashDevices = 6
	crashFixes   = 250 // of each device
	crashKills   = 5
)

// TestKilledDatabaseLosesAndDoublesNothing kills PostgreSQL while fixes stream in:
// what is stored, and what followed from it, is equal to an undisturbed run.
func TestKilledDatabaseLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills and restarts PostgreSQL; takes some seconds")
	}
	want := ingestAll(t, pgtest.NewURL(t), func(int64) {})
	require.Positive(t, want.transitions)

	dir, err := os.MkdirTemp("", "waybill-crash-") //nolint:usetesting // PostgreSQL's user can't reach into t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o711)) //nolint:gosec // for the user PostgreSQL runs as
	cluster, err := pgcluster.Open(t.Context(), pgcluster.Config{DataDir: filepath.Join(dir, "data"), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = cluster.Close() })

	const every = crashDevices * crashFixes / (crashKills + 1)
	kills := 0
	var mu sync.Mutex
	got := ingestAll(t, cluster.URL(), func(acknowledged int64) {
		mu.Lock()
		defer mu.Unlock()
		if acknowledged >= int64(every*(kills+1)) && kills < crashKills && killPostmaster(filepath.Join(dir, "data")) {
			kills++
		}
	})
	require.Equal(t, crashKills, kills)
	require.Equal(t, want, got)
}

// killPostmaster says whether there was one to kill.
func killPostmaster(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		return false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	return err == nil && pid > 1 && syscall.Kill(pid, syscall.SIGKILL) == nil
}

// ingested sums up what a run came to.
type ingested struct {
	fixes, transitions int
	digest, outbox     string
}

// ingestAll sends the same input, each device's in an order of its own, every
// report until it is decided.
func ingestAll(t *testing.T, address string, acknowledged func(n int64)) (sum ingested) {
	t.Helper()
	pool := pgtest.Open(t, address)
	require.NoError(t, database.Migrate(t.Context(), pool, migrations.FS, slog.New(slog.DiscardHandler)))
	batch := &pgx.Batch{}
	batch.Queue("insert into tracking.device (uid) select 'unit-' || i from generate_series(1, $1::int) i", crashDevices)
	batch.Queue("insert into tracking.vehicle (uid) select 'truck-' || i from generate_series(1, $1::int) i", crashDevices)
	batch.Queue("insert into tracking.device_state (device_id) select id from tracking.device")
	batch.Queue(`insert into tracking.fitting (device_id, vehicle_id, is_primary, from_time)
		select d.id, v.id, true, '-infinity' from tracking.device d join tracking.vehicle v on replace(v.uid, 'truck', 'unit') = d.uid`)
	batch.Queue("insert into tracking.zone (uid, center, radius) values ('depot', ST_SetSRID(ST_MakePoint(116.4, 39.9), 4326), 500)")
	require.NoError(t, pool.SendBatch(t.Context(), batch).Close())

	in, stop := run(t, postgres.NewFixStore(pool, postgres.FixOptions{}), tracking.IngesterOptions{MaxBatch: 20})
	var count atomic.Int64
	var running sync.WaitGroup
	errs := make(chan error, crashDevices)
	for d := range crashDevices {
		running.Go(func() {
			reports := crashTrack(d)
			for len(reports) > 0 {
				n := min(3, len(reports))
				if err := deliverUntilDecided(t.Context(), in, reports[:n]); err != nil {
					errs <- err
					return
				}
				reports = reports[n:]
				acknowledged(count.Add(int64(n)))
			}
		})
	}
	running.Wait()
	stop()
	close(errs)
	require.NoError(t, <-errs)
	return summarise(t, pool.QueryRow)
}

// crashTrack drives in and out of the depot; neighbours are sometimes swapped on
// the way, and some come twice.
func crashTrack(d int) []tracking.Report {
	random := rand.New(rand.NewPCG(uint64(d), 7)) //nolint:gosec // the same in each run
	var reports []tracking.Report
	for n := range crashFixes {
		r := report(fmt.Sprintf("unit-%d", d+1), n*10)
		r.Fix.Position = orb.Point{116.4 + 0.01*float64(random.IntN(2)), 39.9}
		reports = append(reports, r)
	}
	for i := 0; i+5 < len(reports); i += 5 {
		j := i + random.IntN(5)
		reports[i], reports[j] = reports[j], reports[i]
	}
	return append(reports, reports[:10]...)
}

func deliverUntilDecided(ctx context.Context, in *tracking.Ingester, reports []tracking.Report) error {
	for {
		outcomes, err := in.Deliver(ctx, reports)
		if err != nil && !tracking.IsRetryable(err) {
			return err
		}
		if err == nil {
			for _, outcome := range outcomes {
				if outcome.Kind != tracking.Stored && outcome.Kind != tracking.Duplicate {
					return fmt.Errorf("%v", outcome)
				}
			}
			return nil
		}
	}
}

// summarise also works out what holds by the outbox alone: a statement is told once
// more than it is retracted.
func summarise(t *testing.T, queryRow func(context.Context, string, ...any) pgx.Row) (sum ingested) {
	t.Helper()
	require.NoError(t, queryRow(t.Context(), `
		select (select count(*) from tracking.position), (select count(*) from tracking.transition),
			md5((select string_agg(concat_ws(' ', d.uid, p.fix_time, ST_AsText(p.geom)), ',' order by d.uid, p.fix_time)
				from tracking.position p join tracking.device d on d.id = p.device_id)
			|| (select string_agg(concat_ws(' ', d.uid, t.time, t.kind, v.uid), ',' order by d.uid, t.time, t.kind)
				from tracking.transition t join tracking.device d on d.id = t.device_id join tracking.vehicle v on v.id = t.vehicle_id)
			|| coalesce((select string_agg(concat_ws(' ', d.uid, s.start_time, s.end_time, s.stop, s.distance, s.max_speed, s.idle), ',' order by d.uid, s.start_time)
				from tracking.segment s join tracking.device d on d.id = s.device_id), '')
			|| (select string_agg(concat_ws(' ', d.uid, s.newest_time, s.fix_time, s.lon, s.lat), ',' order by d.uid)
				from tracking.device_state s join tracking.device d on d.id = s.device_id)),
			md5((select string_agg(concat_ws(' ', device, vehicle, time, kind, n), ',' order by device, time, kind) from (
				select device, vehicle, time, kind, sum(case when retracted then -1 else 1 end) as n
				from tracking.transition_outbox group by 1, 2, 3, 4) told where n <> 0))`).
		Scan(&sum.fixes, &sum.transitions, &sum.digest, &sum.outbox))
	return sum
}
