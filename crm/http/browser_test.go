package crmhttp_test

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"waybill/internal/browsertest"
	crmv1 "waybill/proto/waybill/crm/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/web"
)

// picture writes a screenshot where WAYBILL_PICTURES says, for people to look at.
func picture(page *browsertest.Page, name string) {
	if folder := os.Getenv("WAYBILL_PICTURES"); folder != "" {
		page.WaitIdle()
		page.Screenshot(filepath.Join(folder, name+".png"))
	}
}

func needsPages(t *testing.T) {
	t.Helper()
	if !web.Built() {
		t.Skip("the pages are not built: run `make web`")
	}
}

func TestTrackingPageInBrowser(t *testing.T) {
	t.Parallel()
	needsPages(t)
	s := start(t, nil)
	host, err := url.Parse(s.URL)
	require.NoError(t, err)
	now := time.Now()
	s.change(func() { s.at = onTheRoad(now) })
	browser := browsertest.Start(t)

	page := browser.Open(t, s.URL+"/t/"+goodLink, browsertest.Phone())
	page.WaitReady()
	require.Equal(t, "On the way, 12 km northeast of Kunshan", page.Text(".where"))
	require.Contains(t, page.Text(".freshness"), "Live")
	require.Equal(t, "121.06", page.Data("lon"))
	require.Equal(t, "live", page.Data("connection"))

	// It moves by itself.
	s.change(func() {
		moved := onTheRoad(now)
		moved.Shipments[0].Point = point(120.95, 31.5)
		moved.Shipments[0].Nearest.Distance = 400
		s.at = moved
	})
	page.WaitFor(`document.documentElement.dataset.lon === "120.95"`)
	require.Equal(t, "On the way, near Kunshan", page.Text(".where"))

	// Handed over: the truck is no longer shown.
	s.change(func() { s.at = delivered(now) })
	page.WaitFor(`document.documentElement.dataset.lon === "120.31"`)
	require.Equal(t, "Delivered to Acme plant, Gate 3", page.Text(".where"))

	// The link ends while somebody looks on.
	s.change(func() { s.gone = true })
	page.WaitFor(`document.documentElement.dataset.connection === "gone"`)
	require.Contains(t, page.Text("main"), "no longer works")

	require.Empty(t, page.Problems())
	require.Equal(t, []string{host.Host}, page.Hosts(), "nobody else is asked for anything")
}

func TestTrackingPageStates(t *testing.T) {
	t.Parallel()
	needsPages(t)
	now := time.Now()
	s := start(t, nil)
	browser := browsertest.Start(t)
	for name, c := range map[string]struct {
		at       *crmv1.OrderLocation
		language string
		look     browsertest.Look
		where    string
	}{
		"transit":      {at: onTheRoad(now), language: "zh-CN", look: browsertest.Look{Dark: true}, where: "运输途中，Kunshan东北方向约 12公里"},
		"transit-desk": {at: onTheRoad(now), language: "en", where: "On the way, 12 km northeast of Kunshan"},
		"transit-zh":   {at: onTheRoad(now), language: "zh", look: browsertest.Look{Width: 390, Height: 844, Zone: "Asia/Shanghai"}, where: "运输途中，Kunshan东北方向约 12公里"},
		"delivered":    {at: delivered(now), language: "en", look: browsertest.Phone(), where: "Delivered to Acme plant, Gate 3"},
		"pending":      {at: pending(now), language: "en", look: browsertest.Phone(), where: "Production has not begun yet"},
		"placeless":    {at: placeless(now), language: "zh", look: browsertest.Phone(), where: "尚未开始生产"},
		"damaged":      {at: damaged(now), language: "en", look: browsertest.Look{Width: 390, Height: 844, Dark: true}, where: "In the warehouse at Bay 12, Suzhou Hub"},
		"unknown":      {at: unknown(now), language: "en", look: browsertest.Phone(), where: "On the way"},
		"last-known":   {at: lastKnown(now), language: "zh", look: browsertest.Phone(), where: "运输途中，Kunshan东北方向约 12公里"},
		"several":      {at: several(now), language: "en", where: "Delivered to Acme plant, Gate 3"},
	} {
		s.change(func() { s.at, s.language = c.at, c.language })
		page := browser.Open(t, s.URL+"/t/"+goodLink, c.look)
		page.WaitReady()
		require.Equal(t, c.where, page.Text(".where"), name)
		require.Contains(t, page.Text("main"), "7K3M-9Q2A", name) // What to text, for who has no data.
		page.WaitFor(`document.querySelector('main a[href^="sms:+8613800001111?body="]')?.href.endsWith("7K3M-9Q2A")`)
		require.Empty(t, page.Problems(), name)
		picture(page, "track-"+name)
		page.Close()
	}
}

func TestFleetViewInBrowser(t *testing.T) {
	t.Parallel()
	needsPages(t)
	now := time.Now()
	s := start(t, nil)
	s.change(func() { s.fleet, s.track = company(now, 40), day(now) })
	browser := browsertest.Start(t)

	page := browser.Open(t, s.URL+"/fleet", browsertest.Look{})
	page.WaitFor(`location.pathname === "/login"`)
	page.Type("#token", "wrong")
	page.Click("button.button")
	page.WaitFor(`document.getElementById("problem")?.innerText.includes("unknown")`)
	page.Type("#token", customer)
	page.Click("button.button")
	page.WaitFor(`document.getElementById("problem")?.innerText.includes("may not see the fleet")`)
	page.Type("#token", dispatcher)
	page.Click("button.button")
	page.WaitFor(`location.pathname === "/fleet"`)
	page.WaitReady()
	page.WaitFor(`document.documentElement.dataset.drawn === "40"`)
	picture(page, "fleet")

	page.Type("#search", "沪A truck 7")
	page.WaitFor(`document.getElementById("count").innerText.startsWith("4 ")`)
	page.Click(`.row[data-name="vehicles/truck-7"]`)
	page.WaitFor(`document.documentElement.dataset.track === "900"`)
	page.WaitFor(`document.querySelectorAll("#fixes tr").length === 8`)
	picture(page, "fleet-vehicle")

	// A vehicle that moves does so here too.
	s.change(func() {
		moved := company(now, 40)
		moved[7].Fix.FixTime = at(time.Now())
		moved[7].DisplayName = "沪A Truck 7 (moved)"
		s.fleet = moved
	})
	page.Click("#back")
	page.WaitFor(`[...document.querySelectorAll(".row .title")].some((e) => e.innerText.includes("(moved)"))`)
}

func TestFleetViewLooks(t *testing.T) {
	t.Parallel()
	needsPages(t)
	if os.Getenv("WAYBILL_PICTURES") == "" {
		t.Skip("set WAYBILL_PICTURES to a folder to get pictures to look at")
	}
	now := time.Now()
	s := start(t, nil)
	s.change(func() { s.fleet, s.track, s.alerts, s.ofModems = company(now, 40), day(now), trouble(now), deaf(now) })
	browser := browsertest.Start(t)
	for name, look := range map[string]browsertest.Look{
		"phone":         browsertest.Phone(),
		"phone-zh-dark": {Width: 390, Height: 844, Dark: true, Language: "zh-CN", Zone: "Asia/Shanghai"},
		"desk-zh-dark":  {Dark: true, Language: "zh-CN", Zone: "Asia/Shanghai"},
	} {
		page := browser.Open(t, s.URL+"/login", look)
		page.WaitReady()
		page.Screenshot(filepath.Join(os.Getenv("WAYBILL_PICTURES"), "login-"+name+".png"))
		page.Type("#token", dispatcher)
		page.Click("button.button")
		page.WaitFor(`location.pathname === "/fleet"`)
		page.WaitReady()
		page.WaitFor(`document.documentElement.dataset.drawn === "40"`)
		picture(page, "fleet-"+name)
		if look.Width != 0 || name == "phone" { // There they are folded away.
			page.Click("#alerts summary")
			picture(page, "fleet-alerts-"+name)
			page.Click("#alerts summary")
		}
		page.Click(`.row[data-name="vehicles/truck-7"]`)
		page.WaitFor(`document.documentElement.dataset.track === "900"`)
		picture(page, "fleet-vehicle-"+name)
		missing := browser.Open(t, s.URL+"/t/nothing", look)
		missing.Screenshot(filepath.Join(os.Getenv("WAYBILL_PICTURES"), "missing-"+name+".png"))
		missing.Close()
		page.Close()
	}
}

func TestFleetOfTenThousand(t *testing.T) {
	t.Parallel()
	needsPages(t)
	s := start(t, nil)
	s.change(func() { s.fleet = company(time.Now(), 10_000) })
	page := signedIn(t, browsertest.Start(t), s)
	page.WaitFor(`document.documentElement.dataset.drawn === "10000"`)
	rows := page.Evaluate(`document.querySelectorAll(".row").length`)
	require.Less(t, rows, "60", "only rows in view are in the document: %s", rows)
	picture(page, "fleet-10000")
}

func signedIn(t *testing.T, browser *browsertest.Browser, s server) *browsertest.Page {
	t.Helper()
	page := browser.Open(t, s.URL+"/login", browsertest.Look{})
	page.WaitReady()
	page.Type("#token", dispatcher)
	page.Click("button.button")
	page.WaitFor(`location.pathname === "/fleet"`)
	page.WaitReady()
	return page
}

func delivered(now time.Time) *crmv1.OrderLocation {
	location := onTheRoad(now)
	location.Status = crmv1.Status_STATUS_DELIVERED
	location.Shipments[0] = &crmv1.ShipmentLocation{
		Shipment: "orders/SO-1001/shipments/1",
		Status:   crmv1.Status_STATUS_DELIVERED, Stage: crmv1.Stage_STAGE_DELIVERED, Disposition: "completeness_verified",
		Place:     &crmv1.Place{Kind: "site", DisplayName: "Acme plant, Gate 3", Point: point(120.31, 31.57)},
		Point:     point(120.31, 31.57),
		Freshness: crmv1.Freshness_FRESHNESS_FIXED, SinceTime: at(now.Add(-20 * time.Minute)),
		Stages: append(onTheRoad(now).GetShipments()[0].GetStages(),
			&crmv1.StageEntry{Stage: crmv1.Stage_STAGE_DELIVERED, EnterTime: at(now.Add(-20 * time.Minute))}),
	}
	return location
}

func pending(now time.Time) *crmv1.OrderLocation {
	location := onTheRoad(now)
	location.Shipments[0] = &crmv1.ShipmentLocation{
		Shipment: "orders/SO-1001/shipments/1", Status: crmv1.Status_STATUS_PENDING,
		Freshness: crmv1.Freshness_FRESHNESS_UNKNOWN, UnknownReason: "not_yet_made",
		NextStop: onTheRoad(now).GetShipments()[0].GetNextStop(),
	}
	return location
}

// placeless is an order of which nothing has a place, not even where it goes.
func placeless(now time.Time) *crmv1.OrderLocation {
	location := pending(now)
	location.GetShipments()[0].NextStop = nil
	return location
}

func damaged(now time.Time) *crmv1.OrderLocation {
	location := onTheRoad(now)
	location.Shipments[0] = &crmv1.ShipmentLocation{
		Shipment: "orders/SO-1001/shipments/1",
		Status:   crmv1.Status_STATUS_EXCEPTION, Stage: crmv1.Stage_STAGE_WAREHOUSE, Disposition: "damaged",
		Place: &crmv1.Place{Kind: "storage_location", DisplayName: "Bay 12", Facility: "Suzhou Hub", Point: point(120.62, 31.3)},
		Point: point(120.62, 31.3), Freshness: crmv1.Freshness_FRESHNESS_FIXED, SinceTime: at(now.Add(-26 * time.Hour)),
		Stages: onTheRoad(now).GetShipments()[0].GetStages()[:2],
	}
	return location
}

func unknown(now time.Time) *crmv1.OrderLocation {
	location := onTheRoad(now)
	shipment := location.GetShipments()[0]
	shipment.Point, shipment.AsOfTime, shipment.Nearest, shipment.Speed, shipment.Course = nil, nil, nil, nil, nil
	shipment.Freshness, shipment.UnknownReason = crmv1.Freshness_FRESHNESS_UNKNOWN, "no_device"
	return location
}

func lastKnown(now time.Time) *crmv1.OrderLocation {
	location := onTheRoad(now)
	location.GetShipments()[0].Freshness = crmv1.Freshness_FRESHNESS_LAST_KNOWN
	location.GetShipments()[0].AsOfTime = at(now.Add(-134 * time.Minute))
	return location
}

func several(now time.Time) *crmv1.OrderLocation {
	location := delivered(now)
	location.Shipments = append(location.Shipments, onTheRoad(now).GetShipments()[0], damaged(now).GetShipments()[0])
	return location
}

// company is a fleet around the lower Yangtze, some of it long silent.
func company(now time.Time, size int) []*trackingv1.Position {
	fleet := make([]*trackingv1.Position, size)
	for i := range fleet {
		age := time.Duration(i%10) * 4 * time.Second
		switch i % 8 {
		case 3:
			age = 7 * time.Minute
		case 6:
			age = 26 * time.Hour
		}
		turn := float64(i) * 2.399963 // the golden angle spreads them evenly
		reach := 2.5 * math.Sqrt(float64(i+1)/float64(size))
		speed, motion := float64(i%5)*5, trackingv1.Motion_MOTION_MOVING
		if speed == 0 {
			motion = trackingv1.Motion(2 + i/5%2) // idling or stopped
		}
		fleet[i] = &trackingv1.Position{
			Motion: motion, MotionStartTime: at(now.Add(-time.Duration(3+7*i) * time.Minute)), Odometer: proto.Float64(1.234e7),
			Vehicle: fmt.Sprintf("vehicles/truck-%d", i), Device: fmt.Sprintf("devices/unit-%d", i),
			DisplayName: fmt.Sprintf("沪A Truck %d", i),
			Fix: &trackingv1.Fix{
				FixTime: at(now.Add(-age)), Position: point(120+1.3*reach*math.Cos(turn), 31.3+reach*math.Sin(turn)),
				Speed: proto.Float64(speed), Course: proto.Float64(float64(i * 37 % 360)), Accuracy: proto.Float64(8),
			},
		}
	}
	return fleet
}

// day is a track of 900 fixes.
func day(now time.Time) []*trackingv1.Fix {
	track := make([]*trackingv1.Fix, 900)
	for i := range track {
		t := float64(i) / 900
		track[i] = &trackingv1.Fix{
			FixTime:  at(now.Add(time.Duration(i-900) * 10 * time.Second)),
			Position: point(119+1.6*t, 31+0.4*math.Sin(5*t)),
			Speed:    proto.Float64(15 + 5*math.Sin(20*t)), Course: proto.Float64(90), Accuracy: proto.Float64(6),
			Satellites: proto.Int32(9),
		}
	}
	return track
}
