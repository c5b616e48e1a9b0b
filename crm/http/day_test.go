package crmhttp_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"waybill/internal/browsertest"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// trips is the trip service: on each day that it is asked for, truck 7 drives twice.
type trips struct {
	trackingv1.UnimplementedTripServiceServer
	*world
}

func (trips) ListTrips(_ context.Context, r *trackingv1.ListTripsRequest) (*trackingv1.ListTripsResponse, error) {
	hour := func(h float64) time.Time { return r.GetFromTime().AsTime().Add(time.Duration(h * float64(time.Hour))) }
	return &trackingv1.ListTripsResponse{Trips: []*trackingv1.Trip{
		{
			StartTime: at(hour(6.5)), EndTime: at(hour(8.25)), StartPosition: point(119, 31), EndPosition: point(119.7, 31.3),
			Distance: 112_400, MaxSpeed: proto.Float64(24.4),
		},
		{StartTime: at(hour(9)), EndTime: at(hour(11.1)), StartPosition: point(119.7, 31.3), EndPosition: point(120.6, 31), Distance: 148_000, UnderWay: true},
	}}, nil
}

func (trips) ListStops(_ context.Context, r *trackingv1.ListStopsRequest) (*trackingv1.ListStopsResponse, error) {
	hour := func(h float64) time.Time { return r.GetFromTime().AsTime().Add(time.Duration(h * float64(time.Hour))) }
	return &trackingv1.ListStopsResponse{Stops: []*trackingv1.Stop{
		{StartTime: at(hour(-6)), EndTime: at(hour(6.5)), Position: point(119, 31), Zones: []*trackingv1.StopZone{{Zone: "zones/hub", DisplayName: "苏州 Hub"}}},
		{StartTime: at(hour(8.25)), EndTime: at(hour(9)), Position: point(119.7, 31.3), IdleDuration: durationpb.New(11 * time.Minute)},
	}}, nil
}

func TestDayInBrowser(t *testing.T) {
	t.Parallel()
	needsPages(t)
	s := start(t, nil)
	now := time.Now()
	s.change(func() { s.fleet, s.track = company(now, 40), day(now) })
	browser := browsertest.Start(t)
	for name, look := range map[string]browsertest.Look{
		"desk":       {Zone: "Asia/Shanghai"},
		"desk-dark":  {Dark: true, Language: "zh-CN", Zone: "Asia/Shanghai"},
		"phone":      {Width: 390, Height: 844, Language: "zh-CN", Zone: "Asia/Shanghai"},
		"phone-dark": {Width: 390, Height: 844, Dark: true},
	} {
		page := browser.Open(t, s.URL+"/login?next=/fleet", look)
		page.WaitFor(`document.getElementById("token") || location.pathname === "/fleet"`)
		if page.Evaluate(`location.pathname`) == "/login" {
			page.Type("#token", dispatcher)
			page.Click("button.button")
		}
		page.WaitFor(`location.pathname === "/fleet"`)
		page.WaitReady()
		page.WaitFor(`document.querySelector('.row[data-name="vehicles/truck-7"]')`)
		page.Click(`.row[data-name="vehicles/truck-7"]`)
		page.WaitFor(`document.documentElement.dataset.day === "2 2"`)
		require.Equal(t, "4", page.Evaluate(`String(document.querySelectorAll("#day-parts li").length)`))
		require.Contains(t, page.Text("#day-parts li:first-child"), "苏州 Hub")
		page.WaitFor(`document.documentElement.dataset.track === "900"`)
		page.Click("#day-parts li:nth-child(3) button")
		page.Evaluate(`String(document.getElementById("day").scrollIntoView())`)
		picture(page, "day-"+name)

		today := page.Evaluate(`document.getElementById("day-date").value`)
		page.Click("#day-before")
		page.WaitFor(`document.documentElement.dataset.day === "2 2"`)
		require.Less(t, page.Evaluate(`document.getElementById("day-date").value`), today)
		require.Empty(t, page.Problems())
		page.Close()
	}
}
