package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/browsertest"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// TestOpenPageMovesOnTheEvent follows an order on the page of its tracking link,
// in a browser.
func TestOpenPageMovesOnTheEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	browser := browsertest.Start(t)
	page := browser.Open(t, w.link(t), browsertest.Phone())
	page.WaitReady()
	require.Contains(t, page.Text("main"), "Spectrometer")
	require.Empty(t, page.Data("lon"), "nothing is made yet, so nothing is anywhere")

	w.load(t)
	for i, lon := range []float64{120.9, 120.902} {
		w.publish(t, ownTracks(time.Now().Add(time.Duration(i+1)*time.Second), lon, 31.28))
		page.WaitFor(fmt.Sprintf(`document.documentElement.dataset.lon === %q`, decimal(lon)))
	}
	require.Contains(t, page.Text(".freshness"), "Live")

	w.happen(t, &crmv1.Event{BizStep: "accepting", ReadPoint: "customers/acme/sites/lab", EventTime: stamp(time.Now().Add(3 * time.Second))})
	page.WaitFor(fmt.Sprintf(`document.documentElement.dataset.lon === %q`, decimal(sitePoint.GetLongitude())))
	w.publish(t, ownTracks(time.Now().Add(5*time.Second), 120.905, 31.28))
	require.Contains(t, page.Text(".where"), "Acme laboratory")
	require.Equal(t, decimal(sitePoint.GetLongitude()), page.Data("lon"))
	require.NotContains(t, page.Text("body"), "Truck 1")
	require.Empty(t, page.Problems())
	require.Equal(t, []string{w.http}, page.Hosts(), "nobody else is asked for anything")
}

// TestDemonstration starts what `make run` starts, and looks at it as its user does.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	if *split {
		t.Skip("the demonstration runs in one process")
	}
	s := &stack{dir: reachableDir(t), http: freeAddress(t), grpc: freeAddress(t), mqtt: freeAddress(t)}
	demo := launch(t, "demo", "--data-dir", s.data(), "--http-address", s.http, "--grpc-address", s.grpc, "--mqtt-address", s.mqtt)
	t.Cleanup(func() {
		require.NoError(t, demo.stop())
		if t.Failed() {
			t.Log(tail(demo.output()))
		}
	})
	env := shellVariables(s.waybill(t, "demo", "--env"))
	require.Contains(t, demo.output(), env["TRACKING_LINK"])

	browser := browsertest.Start(t)
	page := browser.Open(t, env["TRACKING_LINK"], browsertest.Look{Width: 390, Height: 844, Zone: "Asia/Shanghai"})
	page.WaitReady()
	page.WaitFor(`document.documentElement.dataset.lon !== undefined`)
	first := page.Data("lon")
	page.WaitFor(fmt.Sprintf(`document.documentElement.dataset.lon !== %q`, first))
	require.Empty(t, page.Problems())
	shoot(page, "tracking")

	fleet := browser.Open(t, "http://"+s.http+"/login", browsertest.Look{Zone: "Asia/Shanghai"})
	fleet.Type("#token", env["DISPATCHER_TOKEN"])
	fleet.Click("button.button")
	fleet.WaitFor(`location.pathname === "/fleet"`)
	fleet.WaitReady()
	fleet.WaitFor(`Number(document.documentElement.dataset.drawn) === 12`)
	require.Empty(t, fleet.Problems())
	shoot(fleet, "fleet")

	dark := browser.Open(t, env["TRACKING_LINK"], browsertest.Look{Width: 390, Height: 844, Dark: true, Zone: "Asia/Shanghai"})
	dark.WaitReady()
	shoot(dark, "tracking-dark")

	// A truck reports by SMS, and a text that is no fix is kept with its reason.
	require.NotEmpty(t, s.rejected(t))
}

// shoot keeps a picture for the docs, where the flag says.
func shoot(page *browsertest.Page, name string) {
	if *shots != "" {
		page.WaitIdle()
		page.Screenshot(filepath.Join(*shots, name+".png"))
	}
}

// shellVariables reads lines of `export NAME=VALUE`.
func shellVariables(text string) map[string]string {
	variables := make(map[string]string)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		variables[name] = strings.Trim(value, `"`)
	}
	return variables
}
