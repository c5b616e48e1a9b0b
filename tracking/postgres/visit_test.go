package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
)

// allVisits pairs all that ever happened: what is meant, at the cost of history.
const allVisits = `
with change as (
    select zone_id, time, kind, lag(kind) over (partition by zone_id order by time, kind desc) as before
    from tracking.transition where vehicle_id = (select id from tracking.vehicle where uid = 'x')
), visit as (
    select zone_id, kind, time as arrived, lead(time) over (partition by zone_id order by time, kind desc) as departed
    from change where kind is distinct from before
)
select z.uid, visit.arrived, coalesce(visit.departed, 'epoch')
from visit join tracking.zone z on z.id = visit.zone_id
where visit.kind = 'arrived' and visit.arrived < $2 and (visit.departed is null or visit.departed >= $1)
order by visit.arrived, z.uid`

// Visits that are looked up are those that pairing all of history gives, whatever two
// devices stated of their vehicle, and page after page as well as at once.
func TestVisitsAreThoseOfAllHistory(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for i := range 3 {
		_, err := s.registry.CreateZone(t.Context(), tracking.Zone{UID: fmt.Sprintf("zone-%d", 2-i), Center: orb.Point{1, 1}, Radius: 9}, "")
		require.NoError(t, err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		s.exec(t, "truncate tracking.transition")
		for range rapid.IntRange(0, 24).Draw(rt, "transitions") {
			s.exec(t, `
insert into tracking.transition (device_id, time, zone_id, kind, vehicle_id)
select d.id, $3, z.id, $4, v.id from tracking.device d, tracking.zone z, tracking.vehicle v
where d.uid = $1 and z.uid = $2 and v.uid = 'x' on conflict do nothing`,
				rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "device"),
				rapid.SampledFrom([]string{"zone-0", "zone-1", "zone-2"}).Draw(rt, "zone"),
				at(rapid.IntRange(0, 12).Draw(rt, "hour")),
				rapid.SampledFrom([]string{"arrived", "departed"}).Draw(rt, "kind"))
		}
		from := rapid.IntRange(-1, 13).Draw(rt, "from")
		to := rapid.IntRange(from, 14).Draw(rt, "to")
		size := rapid.IntRange(1, 4).Draw(rt, "size")

		rows, err := s.pool.Query(t.Context(), allVisits, at(from), at(to))
		require.NoError(rt, err)
		want, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (tracking.Visit, error) {
			visit := tracking.Visit{Vehicle: "x"}
			err := row.Scan(&visit.Zone, &visit.Arrived, &visit.Departed)
			visit.Arrived, visit.Departed = visit.Arrived.UTC(), visit.Departed.UTC()
			if visit.Departed.Unix() == 0 {
				visit.Departed = time.Time{}
			}
			return visit, err
		})
		require.NoError(rt, err)

		got, err := s.history.Visits(t.Context(), "x", at(from), at(to), tracking.VisitPage{})
		require.NoError(rt, err)
		require.Equal(rt, append([]tracking.Visit{}, want...), append([]tracking.Visit{}, got...))

		paged := []tracking.Visit{}
		page := tracking.VisitPage{Size: size}
		for {
			some, err := s.history.Visits(t.Context(), "x", at(from), at(to), page)
			require.NoError(rt, err)
			paged = append(paged, some...)
			if len(some) < size {
				break
			}
			page.Arrived, page.Zone = some[size-1].Arrived, some[size-1].Zone
		}
		require.Equal(rt, append([]tracking.Visit{}, want...), paged)
	})
}
