package postgres

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
)

// What the visits of a day cost, in blocks that are read, doesn't grow with what the
// vehicle did before and after.
func TestVisitsCostWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, statement := range []string{
		"insert into tracking.device (uid) values ('a')",
		"insert into tracking.vehicle (uid) values ('x')",
		"insert into tracking.zone (uid, center, radius) select 'zone-' || i, ST_Point(1, 1, 4326), 9 from generate_series(0, 19) i",
	} {
		_, err := pool.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	short, long := blocksOfADay(t, pool, 300), blocksOfADay(t, pool, 6_000)
	t.Logf("%d blocks of a short history, %d of twenty times as much", short, long)
	require.Less(t, long, 2*short)
}

// blocksOfADay has the vehicle in one zone after the other, an hour each, for so many
// hours before and after the day that is asked for.
func blocksOfADay(t *testing.T, pool *pgxpool.Pool, hours int) int {
	t.Helper()
	start := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	_, err := pool.Exec(t.Context(), "truncate tracking.transition")
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `
insert into tracking.transition (device_id, time, zone_id, kind, vehicle_id)
select d.id, $2::timestamptz + h * interval '1 hour' + m * interval '30 minutes', z.id,
    case m when 0 then 'arrived' else 'departed' end, v.id
from generate_series(-$1::int, $1) h, generate_series(0, 1) m, tracking.device d, tracking.vehicle v, tracking.zone z
where z.uid = 'zone-' || (h + $1) % 20`, hours, start)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "analyze tracking.transition")
	require.NoError(t, err)
	var vehicle int64
	require.NoError(t, pool.QueryRow(t.Context(), "select id from tracking.vehicle").Scan(&vehicle))
	var explained []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
			Rows int `json:"Actual Rows"`
		}
	}
	err = pool.QueryRow(t.Context(), "explain (analyze, buffers, format json) "+selectVisits,
		vehicle, start, start.Add(24*time.Hour), time.Time{}, "", nil).Scan(&explained)
	require.NoError(t, err)
	plan := explained[0].Plan
	require.Equal(t, 24, plan.Rows)
	return plan.Hit + plan.Read
}
