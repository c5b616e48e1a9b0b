package postgres_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/derive"
	"waybill/tracking/postgres"
	"waybill/tracking/trackingtest"
)

func TestFixStore(t *testing.T) {
	t.Parallel()
	trackingtest.RunStore(t, func(t testing.TB) trackingtest.Ground {
		t.Helper()
		return newGround(t)
	})
}

// ground is a FixStore on a database of its own, looked at by plain SQL.
type ground struct {
	*postgres.FixStore
	pool *pgxpool.Pool
}

func newGround(t testing.TB) ground {
	t.Helper()
	pool := pgtest.New(t)
	return ground{FixStore: postgres.NewFixStore(pool, postgres.FixOptions{}), pool: pool}
}

func (g ground) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	_, err := g.pool.Exec(t.Context(), statement, args...)
	require.NoError(t, err)
}

func (g ground) AddDevice(t testing.TB, uid string) {
	t.Helper()
	g.exec(t, `with d as (insert into tracking.device (uid) values ($1) returning id)
		insert into tracking.device_state (device_id) select id from d`, uid)
}

func (g ground) AddVehicle(t testing.TB, uid string) {
	t.Helper()
	g.exec(t, "insert into tracking.vehicle (uid) values ($1)", uid)
}

func (g ground) Fit(t testing.TB, f tracking.Fitting) {
	t.Helper()
	g.exec(t, `update tracking.fitting set to_time = $2
		where to_time > $2 and device_id = (select id from tracking.device where uid = $1)`, f.Device, f.From)
	g.exec(t, `insert into tracking.fitting (device_id, vehicle_id, is_primary, from_time)
		select d.id, v.id, $3, $4 from tracking.device d, tracking.vehicle v where d.uid = $1 and v.uid = $2`,
		f.Device, f.Vehicle, f.Primary, f.From)
}

func (g ground) AddZone(t testing.TB, z tracking.Zone) {
	t.Helper()
	var owner *string
	if z.Owner != "" {
		owner = &z.Owner
	}
	if z.Area != nil {
		g.exec(t, "insert into tracking.zone (uid, owner, area) values ($1, $2, $3::bytea::geometry)", z.UID, owner, ewkb.MustMarshal(z.Area, 4326))
		return
	}
	g.exec(t, "insert into tracking.zone (uid, owner, center, radius) values ($1, $2, ST_SetSRID(ST_MakePoint($3, $4), 4326), $5)",
		z.UID, owner, z.Center[0], z.Center[1], z.Radius)
}

func (g ground) RemoveZone(t testing.TB, uid string) {
	t.Helper()
	g.exec(t, "update tracking.zone set delete_time = now() where uid = $1", uid)
}

// row is a position as it comes from SQL.
type row struct {
	FixTime, ReceivedTime             time.Time
	Lon, Lat                          float64
	Altitude, Speed, Course, Accuracy *float32
	Satellites                        *int16
	Attributes                        *string
}

const rowColumns = " fix_time, received_time, ST_X(geom) as lon, ST_Y(geom) as lat, altitude, speed, course, accuracy, satellites, attributes::text "

func (g ground) rows(t testing.TB, query, device string) []row {
	t.Helper()
	rows, err := g.pool.Query(t.Context(), query, device)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	require.NoError(t, err)
	return found
}

func (r row) fix(t testing.TB) tracking.Fix {
	t.Helper()
	fix := tracking.NewFix(r.FixTime, orb.Point{r.Lon, r.Lat})
	for stored, v := range map[*float32]*float64{r.Altitude: &fix.Altitude, r.Speed: &fix.Speed, r.Course: &fix.Course, r.Accuracy: &fix.Accuracy} {
		*v = math.NaN()
		if stored != nil {
			*v = float64(*stored)
		}
	}
	if r.Satellites != nil {
		fix.Satellites = int(*r.Satellites)
	}
	if r.Attributes != nil {
		require.NoError(t, json.Unmarshal([]byte(*r.Attributes), &fix.Attributes))
	}
	return fix
}

func (g ground) Fixes(t testing.TB, device string) []tracking.Fix {
	t.Helper()
	var fixes []tracking.Fix
	for _, r := range g.rows(t, "select"+rowColumns+`from tracking.position
		where device_id = (select id from tracking.device where uid = $1) order by fix_time`, device) {
		fixes = append(fixes, r.fix(t))
	}
	return fixes
}

func (g ground) LastPosition(t testing.TB, device string) *tracking.Position {
	t.Helper()
	p, err := postgres.NewHistory(g.pool).DevicePosition(t.Context(), device)
	if errors.Is(err, tracking.ErrNotFound) {
		return nil
	}
	require.NoError(t, err)
	p.DisplayName = ""
	// As it was told, by the fitting of the fix's time.
	err = g.pool.QueryRow(t.Context(), `select coalesce(min(v.uid), '') from tracking.fitting f
		join tracking.vehicle v on v.id = f.vehicle_id join tracking.device d on d.id = f.device_id
		where d.uid = $1 and is_primary and from_time <= $2 and $2 < to_time`, device, p.Fix.Time).Scan(&p.Vehicle)
	require.NoError(t, err)
	return &p
}

// State gives what derivation remembers.
func (g ground) State(t testing.TB, device string) (state derive.State) {
	t.Helper()
	var derived []byte
	require.NoError(t, g.pool.QueryRow(t.Context(), `select derived from tracking.device_state
		where device_id = (select id from tracking.device where uid = $1)`, device).Scan(&derived))
	if derived != nil {
		require.NoError(t, state.UnmarshalBinary(derived))
	}
	return state
}

// Story answers from the database.
func (g ground) Story() trackingtest.Story { return postgres.NewHistory(g.pool) }

func (g ground) ZonesNow(t testing.TB, device string) []string {
	t.Helper()
	rows, err := g.pool.Query(t.Context(), "select uid from tracking.zone where id = any ($1) order by uid", g.State(t, device).Zones)
	require.NoError(t, err)
	zones, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return zones
}

func (g ground) Transitions(t testing.TB, device string) []tracking.Transition {
	t.Helper()
	rows, err := g.pool.Query(t.Context(), `select d.uid, coalesce(v.uid, ''), z.uid, t.kind, t.time
		from tracking.transition t join tracking.device d on d.id = t.device_id
		join tracking.zone z on z.id = t.zone_id left join tracking.vehicle v on v.id = t.vehicle_id
		where d.uid = $1 order by t.time, t.kind desc, z.uid`, device)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x tracking.Transition, err error) {
		err = row.Scan(&x.Device, &x.Vehicle, &x.Zone, &x.Kind, &x.Time)
		return x, err
	})
	require.NoError(t, err)
	return found
}

func (g ground) TakeOutbox(t testing.TB) []tracking.Transition {
	t.Helper()
	rows, err := g.pool.Query(t.Context(), `with gone as (delete from tracking.transition_outbox returning *)
		select id, device, vehicle, zone, owner, kind, time, retracted, in_order, fresh from gone order by id`)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x tracking.Transition, err error) {
		err = row.Scan(&x.ID, &x.Device, &x.Vehicle, &x.Zone, &x.Owner, &x.Kind, &x.Time, &x.Retracted, &x.InOrder, &x.Fresh)
		x.Time = x.Time.UTC()
		return x, err
	})
	require.NoError(t, err)
	return found
}
