package derive_test

import (
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/geo"
	"waybill/internal/browsertest"
	"waybill/tracking/derive"
)

// A picture of a real day with what follows from it, for people to look at and for the
// documentation: WAYBILL_PICTURES names the folder that it goes into, as stops-day.png.
func TestPictureOfADay(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("WAYBILL_PICTURES")
	if folder == "" {
		t.Skip("set WAYBILL_PICTURES to a folder to get the picture")
	}
	const track = "geolife/2008-11-08"
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	from := time.Date(2008, time.November, 8, 0, 0, 0, 0, zone)
	fixes := readTracks(t)(track, from.UTC(), from.AddDate(0, 0, 1).UTC())
	drawn := drawDay(fixes, of(readLabels(t, "stops.csv"), track), from)
	page, err := template.ParseFiles(filepath.Join("testdata", "day.html"))
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Execute(w, drawn); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	open := browsertest.Start(t).Open(t, server.URL, browsertest.Look{Width: 1200, Height: 800})
	open.WaitReady()
	require.Empty(t, open.Problems())
	open.Screenshot(filepath.Join(folder, "stops-day.png"))
}

// dayPicture is what the page draws, in its pixels.
type dayPicture struct {
	Trips []drawnTrip
	Stops []drawnStop
	// Bars are on the time axis.
	Derived, Labels []bar
	Hours           []hour
	Scale           int // pixels that a kilometre has
}

type drawnTrip struct {
	Points [][2]int
	Start  string
	Km     float64
}

type drawnStop struct {
	Number     int
	X, Y       int
	Start, End string
	Lasted     string
}

type bar struct {
	X, Width int
	Number   int // 0 for a trip
}

type hour struct{ X, Hour int }

// The map's and the time axis's place on the page.
const (
	mapLeft, mapTop, mapWidth, mapHeight = 40, 90, 780, 530
	axisLeft, axisWidth                  = 110, 1040
)

func drawDay(fixes []derive.Seen, labels []labelled, midnight time.Time) dayPicture {
	rules := derive.DefaultRules()
	rules.Zones = circles{}
	followed := derive.Follow(derive.State{}, fixes, &rules, &derive.Limits{})
	var segments []derive.Segment
	for _, change := range followed.Changes {
		if change.Kind == derive.Finished {
			segments = append(segments, change.Segment)
		}
	}
	segments = append(segments, followed.State.Motion.Segment(followed.State.Last))

	project, scale := projection(fixes)
	picture := dayPicture{Scale: int(1000 * scale)}
	clock := func(t time.Time) string { return t.In(midnight.Location()).Format("15:04") }
	along := func(t time.Time) int { return axisLeft + int(t.Sub(midnight)*axisWidth/(24*time.Hour)) }
	bars := func(start, end time.Time, number int) bar {
		return bar{along(start), max(2, along(end)-along(start)), number}
	}
	for _, s := range segments {
		if !s.Stop {
			trip := drawnTrip{Start: clock(s.Start), Km: float64(s.Distance) / 1e6, Points: [][2]int{project(s.From)}}
			for _, fix := range fixes {
				if !fix.Time.Before(s.Start) && !fix.Time.After(s.End) {
					trip.Points = append(trip.Points, project(fix.Position))
				}
			}
			picture.Trips = append(picture.Trips, trip)
			picture.Derived = append(picture.Derived, bars(s.Start, s.End, 0))
			continue
		}
		at := project(s.From)
		number := len(picture.Stops) + 1
		picture.Stops = append(picture.Stops, drawnStop{
			number, at[0], at[1], clock(s.Start), clock(s.End), lasted(s.End.Sub(s.Start)),
		})
		picture.Derived = append(picture.Derived, bars(s.Start, s.End, number))
	}
	for _, label := range labels {
		picture.Labels = append(picture.Labels, bars(label.start, label.end, 1))
	}
	for h := 0; h <= 24; h += 2 {
		picture.Hours = append(picture.Hours, hour{along(midnight.Add(time.Duration(h) * time.Hour)), h})
	}
	return picture
}

func lasted(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes < 60 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

// projection gives pixels of places, north up, and how many a metre has.
func projection(fixes []derive.Seen) (project func(orb.Point) [2]int, scale float64) {
	bound := orb.Bound{Min: fixes[0].Position, Max: fixes[0].Position}
	for _, fix := range fixes {
		bound = bound.Extend(fix.Position)
	}
	middle := bound.Center()
	width := geo.Distance(orb.Point{bound.Left(), middle.Lat()}, orb.Point{bound.Right(), middle.Lat()})
	height := geo.Distance(orb.Point{middle.Lon(), bound.Bottom()}, orb.Point{middle.Lon(), bound.Top()})
	const margin = 0.9
	scale = margin * min(mapWidth/width, mapHeight/height)
	degree := geo.Distance(middle, orb.Point{middle.Lon(), middle.Lat() + 1})
	narrower := math.Cos(middle.Lat() * math.Pi / 180)
	return func(p orb.Point) [2]int {
		east, north := (p.Lon()-middle.Lon())*degree*narrower, (p.Lat()-middle.Lat())*degree
		return [2]int{mapLeft + mapWidth/2 + int(east*scale), mapTop + mapHeight/2 - int(north*scale)}
	}, scale
}
