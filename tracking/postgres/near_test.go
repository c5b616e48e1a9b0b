package postgres_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

// sighting is a stored fix, as the brute force sees it.
type sighting struct {
	device  string
	at      time.Time
	place   orb.Point
	vehicle string
}

// hotPlaces are where cells are at their strangest.
func hotPlaces() []orb.Point {
	return []orb.Point{
		{116.39, 39.9},
		{0, 0},
		{-0.005, 0.005},
		{180, 10},
		{-180, 10},
		{179.999, -45},
		{-179.995, 66},
		{12, 90},
		{-100, 89.9995},
		{77, -90},
		{77, 89.3},
		{5e-324, -5e-324},
		{1e-160, 1e-200},
		{33.33, 60},
		{120, -89.999},
	}
}

// scatter stores fixes around the hot places at all distances, on four days: open,
// sealed, sealed with late ones, and open again.
func scatter(t *testing.T, g dayGround) []sighting {
	t.Helper()
	const perDay = 4000
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same for every run
	var seen []sighting
	store := func(day, fixes int) {
		start := midnight(t).AddDate(0, 0, day)
		require.NoError(t, newPartitions(g.pool).Ensure(t.Context(), start))
		var rows [][]any
		for range fixes {
			device := g.devices[random.IntN(len(g.devices))]
			at := start.Add(time.Duration(random.Int64N(int64(24*time.Hour/tracking.Resolution))) * tracking.Resolution)
			place := hotPlaces()[random.IntN(len(hotPlaces()))]
			if distance := math.Pow(10, 6.3*random.Float64()-1); distance > 1 { // some stay where they are
				place = geo.Destination(place, 360*random.Float64(), distance)
			}
			seen = append(seen, sighting{device: device, at: at, place: place})
			rows = append(rows, []any{g.ids[device], at, at, place.Lon(), place.Lat()})
		}
		insertScattered(t, g, rows)
	}
	for day := range 4 {
		store(day, perDay)
	}
	for _, day := range []int{1, 2} {
		require.NoError(t, newPartitions(g.pool).Seal(t.Context(), midnight(t).AddDate(0, 0, day)))
	}
	store(2, perDay/10)
	return seen
}

func insertScattered(t *testing.T, g dayGround, rows [][]any) {
	t.Helper()
	var queries pgx.Batch
	for _, row := range rows {
		queries.Queue(`insert into tracking.position (device_id, fix_time, received_time, geom, source)
			values ($1, $2, $3, ST_SetSRID(ST_MakePoint($4, $5), 4326), 'test')`, row...)
	}
	require.NoError(t, g.pool.SendBatch(t.Context(), &queries).Close())
}

// passages is the brute force.
func passages(seen []sighting, query tracking.NearQuery) []tracking.Passage {
	found := map[[2]string]*tracking.Passage{}
	for _, s := range seen {
		away := geo.Distance(s.place, query.Center)
		if away > query.Radius || s.at.Before(query.From) || !s.at.Before(query.To) {
			continue
		}
		p := found[[2]string{s.device, s.vehicle}]
		if p == nil {
			p = &tracking.Passage{Device: s.device, Vehicle: s.vehicle, DisplayName: cmp.Or(s.vehicle, s.device), First: s.at, Last: s.at, Closest: math.Inf(1)}
			found[[2]string{s.device, s.vehicle}] = p
		}
		p.Fixes++
		if s.at.Before(p.First) {
			p.First = s.at
		}
		if s.at.After(p.Last) {
			p.Last = s.at
		}
		if away < p.Closest || away == p.Closest && s.at.Before(p.ClosestTime) {
			p.Closest, p.ClosestTime = away, s.at
		}
	}
	var all []tracking.Passage
	for _, p := range found {
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b tracking.Passage) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), a.First.Compare(b.First))
	})
	return all
}

// TestPassagesAreThoseOfBruteForce asks about any place, distance and time.
func TestPassagesAreThoseOfBruteForce(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 9)
	seen := scatter(t, g)
	g.AddVehicle(t, "truck-a")
	g.AddVehicle(t, "truck-b")
	noon := midnight(t).Add(36 * time.Hour)
	g.Fit(t, tracking.Fitting{Device: "unit-3", Vehicle: "truck-a", Primary: true, From: midnight(t)})
	g.Fit(t, tracking.Fitting{Device: "unit-3", Vehicle: "truck-b", Primary: true, From: noon})
	for i := range seen {
		if seen[i].device == "unit-3" {
			seen[i].vehicle = "truck-a"
			if !seen[i].at.Before(noon) {
				seen[i].vehicle = "truck-b"
			}
		}
	}
	history := postgres.NewHistory(g.pool)
	rapid.Check(t, func(r *rapid.T) {
		center := rapid.SampledFrom(hotPlaces()).Draw(r, "center")
		if away := rapid.Float64Range(-3, 5.5).Draw(r, "log10 of metres away"); away > -2 {
			center = geo.Destination(center, rapid.Float64Range(0, 360).Draw(r, "bearing"), math.Pow(10, away))
		}
		from := midnight(t).Add(time.Duration(rapid.Int64Range(-int64(day), 4*int64(day)).Draw(r, "from"))).Truncate(tracking.Resolution)
		query := tracking.NearQuery{
			Center: center,
			Radius: min(math.Pow(10, rapid.Float64Range(-1, 5).Draw(r, "log10 of the radius")), tracking.MaxNearRadius),
			From:   from,
			To:     from.Add(time.Duration(rapid.Int64Range(1, 3*int64(day)).Draw(r, "span")/1000*1000 + 1000)),
			Page:   tracking.PassagePage{Size: 1000},
		}
		for _, s := range seen { // what is on the border to the width of an atom may be either
			if math.Abs(geo.Distance(s.place, query.Center)-query.Radius) < 1e-7 {
				return
			}
		}
		want := passages(seen, query)
		got, err := history.Passages(t.Context(), query)
		require.NoError(r, err)
		require.Len(r, got, len(want))
		for i := range want {
			require.InDelta(r, want[i].Closest, got[i].Closest, 1e-6)
			// Of several that are as close to the width of an atom, it may be any.
			at := slices.IndexFunc(seen, func(s sighting) bool { return s.device == got[i].Device && s.at.Equal(got[i].ClosestTime) })
			require.InDelta(r, want[i].Closest, geo.Distance(seen[at].place, query.Center), 1e-6)
			want[i].Closest, want[i].ClosestTime = got[i].Closest, got[i].ClosestTime
		}
		if len(want) == 0 {
			return
		}
		require.Equal(r, want, got)

		var paged []tracking.Passage
		for query.Page.Size = 2; len(paged) < len(want); {
			page, err := history.Passages(t.Context(), query)
			require.NoError(r, err)
			require.NotEmpty(r, page)
			paged = append(paged, page...)
			query.Page.Device, query.Page.First = page[len(page)-1].Device, page[len(page)-1].First
		}
		require.ElementsMatch(r, got, paged)
	})
}

const day = 24 * time.Hour

func TestPassagesRefuses(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	start := midnight(t)
	good := tracking.NearQuery{Center: orb.Point{1, 1}, Radius: 5, From: start, To: start.Add(day), Page: tracking.PassagePage{Size: 1}}
	history := postgres.NewHistory(g.pool)
	none, err := history.Passages(t.Context(), good)
	require.NoError(t, err)
	require.Empty(t, none, "there isn't even a table")
	for field, change := range map[string]func(*tracking.NearQuery){
		"circle.center": func(q *tracking.NearQuery) { q.Center[1] = 91 },
		"circle.radius": func(q *tracking.NearQuery) { q.Radius = math.NaN() },
		"from_time":     func(q *tracking.NearQuery) { q.From = time.Time{} },
		"to_time":       func(q *tracking.NearQuery) { q.To = start.AddDate(0, 2, 0) },
	} {
		bad := good
		change(&bad)
		_, err := history.Passages(t.Context(), bad)
		var wrong *tracking.FieldError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, field, wrong.Field)
	}
}
