package e2e_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// tellAll has a database write down what it puts into the outbox, which is emptied.
const tellAll = `
create table public.told (like tracking.transition_outbox);
create function public.tell() returns trigger language plpgsql as $$
begin
    insert into public.told select new.*;
    return null;
end
$$;
create trigger tell after insert on tracking.transition_outbox for each row execute function public.tell()`

// told is what follows by what was told: it was told once more than it was retracted.
const told = `
select device, (time, kind, zone, vehicle, sum(case when retracted then -1 else 1 end))::text
from public.told group by device, time, kind, zone, vehicle having sum(case when retracted then -1 else 1 end) <> 0`

// tables are what is compared of a database, each as rows of a device and a line that
// begins with a time. When a fix was received is left out.
func tables() map[string]string {
	return map[string]string{
		"position": `
select d.uid, (p.fix_time, ST_AsText(p.geom), p.altitude, p.speed, p.course, p.accuracy, p.satellites, p.source, p.attributes)::text
from tracking.position p join tracking.device d on d.id = p.device_id`,
		"transition": `
select d.uid, (t.time, t.kind, z.uid, v.uid)::text
from tracking.transition t join tracking.device d on d.id = t.device_id join tracking.zone z on z.id = t.zone_id
left join tracking.vehicle v on v.id = t.vehicle_id`,
		"told": told,
		"trip": `
select d.uid, (s.start_time, s.end_time, s.stated_time, v.uid, ST_AsText(s.start_geom), ST_AsText(s.end_geom), s.distance, s.max_speed, s.idle)::text
from tracking.segment s join tracking.device d on d.id = s.device_id left join tracking.vehicle v on v.id = s.vehicle_id where not s.stop`,
		"stop": `
select d.uid, (s.start_time, s.end_time, s.stated_time, v.uid, ST_AsText(s.start_geom), s.idle)::text
from tracking.segment s join tracking.device d on d.id = s.device_id left join tracking.vehicle v on v.id = s.vehicle_id where s.stop`,
		"condition": `
select d.uid, (c.time, c.condition, z.uid, c.began, v.uid, c.value)::text
from tracking.condition c join tracking.device d on d.id = c.device_id left join tracking.zone z on z.id = c.zone_id
left join tracking.vehicle v on v.id = c.vehicle_id`,
		"live position": `
select d.uid, (s.newest_time, s.fix_time, s.lon, s.lat, encode(substring(s.live from 9), 'hex'))::text
from tracking.device_state s join tracking.device d on d.id = s.device_id`,
		"alert": `
select d.uid, (a.open_time, a.close_time, a.condition, a.zone_id)::text
from tracking.alert a join tracking.device d on d.id = a.device_id where a.condition not in ('silent', 'dwelling')`,
	}
}

// account is what a database says of each device: by table and device, in order.
type account map[string]map[string][]string

func (a account) add(table, device, line string) {
	if a[table] == nil {
		a[table] = make(map[string][]string)
	}
	a[table][device] = append(a[table][device], line)
}

// rows is how many a table has.
func (a account) rows(table string) (n int) {
	for _, lines := range a[table] {
		n += len(lines)
	}
	return n
}

// account reads all that is compared.
func (w *world) account(t *testing.T, pool *pgxpool.Pool, vehicles []string) account {
	t.Helper()
	a := make(account)
	var device, line string
	for table, query := range tables() {
		rows, err := pool.Query(t.Context(), query)
		require.NoError(t, err, table)
		_, err = pgx.ForEachRow(rows, []any{&device, &line}, func() error {
			a.add(table, device, line)
			return nil
		})
		require.NoError(t, err, table)
	}
	rows, err := pool.Query(t.Context(), "select d.uid, s.derived from tracking.device_state s join tracking.device d on d.id = s.device_id")
	require.NoError(t, err)
	var derived []byte
	_, err = pgx.ForEachRow(rows, []any{&device, &derived}, func() error {
		a.add("state", device, hex.EncodeToString(withoutLastNumber(derived)))
		return nil
	})
	require.NoError(t, err)
	for _, vehicle := range vehicles {
		visits, err := w.vehicles.ListVisits(t.Context(), &trackingv1.ListVisitsRequest{Vehicle: vehicle, PageSize: 1000})
		require.NoError(t, err)
		require.Empty(t, visits.GetNextPageToken())
		for _, visit := range visits.GetVisits() {
			a.add("visit", vehicle, fmt.Sprint(visit.GetArriveTime().AsTime(), visit.GetDepartTime().AsTime(), visit.GetZone()))
		}
	}
	for _, devices := range a {
		for _, lines := range devices {
			slices.Sort(lines)
		}
	}
	return a
}

// withoutLastNumber cuts the last varint off the state of derivation: it counts fixes
// since a state was kept, which depends on when they came.
func withoutLastNumber(state []byte) []byte {
	state = bytes.Clone(state)
	for n := len(state); n > 0; n = len(state) {
		state = state[:n-1]
		if n == 1 || state[n-2] < 0x80 {
			break
		}
	}
	return state
}

// expectEqual says which lines of which device differ.
func (a account) expectEqual(t *testing.T, want account) {
	t.Helper()
	for table := range want {
		devices := make(map[string]struct{})
		for device := range want[table] {
			devices[device] = struct{}{}
		}
		for device := range a[table] {
			devices[device] = struct{}{}
		}
		for device := range devices {
			missing, extra := without(want[table][device], a[table][device]), without(a[table][device], want[table][device])
			if len(missing)+len(extra) > 0 {
				t.Errorf("%s of %s\n  missing: %s\n  too much: %s", table, device, some(missing), some(extra))
			}
		}
	}
	for table := range a {
		if want[table] == nil {
			t.Errorf("%s: nothing was expected, this is there: %v", table, a[table])
		}
	}
}

// without are the lines that others has fewer of. Both are sorted.
func without(lines, others []string) []string {
	var rest []string
	for _, line := range lines {
		for len(others) > 0 && others[0] < line {
			others = others[1:]
		}
		if len(others) > 0 && others[0] == line {
			others = others[1:]
			continue
		}
		rest = append(rest, line)
	}
	return rest
}

// some are the first of many lines.
func some(lines []string) string {
	const most = 10
	text := fmt.Sprintf("%d", len(lines))
	for i, line := range lines {
		if i == most {
			return text + "\n    ..."
		}
		text += "\n    " + line
	}
	return text
}
