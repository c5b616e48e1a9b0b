package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhatOperatorsSeeOfModems has things go wrong with two modems and looks at it from where an operator does: the list
// of modems, readiness, metrics, alerts, and the trace of one of them.
func TestWhatOperatorsSeeOfModems(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	folder := filepath.Join(s.dir, "by-id")
	path := func(n string) string { return filepath.Join(folder, "usb-"+n) }
	require.NoError(t, os.Mkdir(folder, 0o750))
	emulated := launch(t, "modem", "emulate", "--path", filepath.Join(folder, "usb"), "--count", "2", "--pin", "4711", "--memory", "SM:10")
	t.Cleanup(func() { require.NoError(t, emulated.stop()) })
	s.relaunch(t, s.gateway(), "--modem-path", filepath.Join(folder, "usb-*"), "--modem-pin", "4711", "--modem-host", "north",
		"--modem-sweep", "1s")
	dispatcher := s.token(t, "dispatcher")
	arguments := s.arguments[s.gateway()]
	flag := func(name string) string { return arguments[slices.Index(arguments, name)+1] }

	type modem struct{ Name, State string }
	list := func() map[string]modem {
		t.Helper()
		modems := make(map[string]modem)
		lines := json.NewDecoder(strings.NewReader(s.waybill(t, "modem", "list", "--json", "--server", flag("--grpc-address"), "--token", dispatcher)))
		for lines.More() {
			var m modem
			require.NoError(t, lines.Decode(&m))
			modems[strings.TrimPrefix(m.Name, "modems/usb-")] = m
		}
		return modems
	}
	becomes := func(what string, is func() bool) {
		t.Helper()
		require.Eventually(t, is, patience, 50*time.Millisecond, what)
	}
	becomes("both receive", func() bool {
		all := list()
		return all["0"].State == "MODEM_STATE_READY" && all["1"].State == "MODEM_STATE_READY"
	})

	// One is pulled out: the gateway is ready, and says what it is without.
	s.waybill(t, "modem", "fault", path("1"), "unplug")
	becomes("missed", func() bool { return list()["1"].State == "MODEM_STATE_UNPLUGGED" })
	require.Contains(t, s.waybill(t, "modem", "list", "--server", flag("--grpc-address"), "--token", dispatcher), "unplugged")
	ready := fetch(t, flag("--http-address"), "/readyz")
	require.Contains(t, ready, `"modems":"ok"`)
	require.Contains(t, ready, "usb-1 is unplugged since")
	becomes("alerted", func() bool { return s.modemAlerts(t, dispatcher)["usb-1 CONDITION_UNPLUGGED"] == "holds" })
	require.Contains(t, fetch(t, flag("--http-address"), "/metrics"), `waybill_modem_alert{condition="unplugged",modem="usb-1"} 1`)
	s.waybill(t, "modem", "fault", path("1"), "plug")
	becomes("back", func() bool { return list()["1"].State == "MODEM_STATE_READY" })
	becomes("over", func() bool { return s.modemAlerts(t, dispatcher)["usb-1 CONDITION_UNPLUGGED"] == "over" })

	// The other fills up: its memory holds what nobody takes.
	s.waybill(t, "modem", "fault", path("0"), "sim-full")
	becomes("seen to be full", func() bool { return s.modemAlerts(t, dispatcher)["usb-0 CONDITION_MEMORY_NEARLY_FULL"] == "holds" })
	require.Contains(t, fetch(t, flag("--http-address"), "/readyz"), "usb-0: SM holds 10 of 10 messages")
	s.waybill(t, "modem", "fault", path("0"), "heal")
	becomes("room again", func() bool { return s.modemAlerts(t, dispatcher)["usb-0 CONDITION_MEMORY_NEARLY_FULL"] == "over" })

	// What passes on its line can be watched, and no PIN is in it.
	trace := start(t, "modem", "trace", "usb-0", "--server", flag("--grpc-address"), "--token", dispatcher)
	t.Cleanup(func() { _ = trace.stop() })
	asked := trace.expect("> AT+CPIN=****")
	becomes("traced", func() bool {
		s.waybill(t, "modem", "fault", path("0"), "restart") // Its PIN is wanted again.
		select {
		case <-asked:
			return true
		case <-time.After(time.Second):
			return false
		}
	})
	require.NotContains(t, trace.output(), "4711")
}

// fetch reads what anybody may.
func fetch(t *testing.T, address, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	require.NoError(t, err)
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

// modemAlerts gives whether each alert of a modem "holds" or is "over".
func (s *stack) modemAlerts(t *testing.T, token string) map[string]string {
	t.Helper()
	status, body := s.get(t, token, "/v1/modemAlerts")
	require.Equal(t, http.StatusOK, status, string(body))
	var list struct {
		Alerts []struct{ Modem, Condition, Gateway, CloseTime string }
	}
	require.NoError(t, json.Unmarshal(body, &list))
	all := make(map[string]string)
	for _, a := range list.Alerts {
		require.Equal(t, "north", a.Gateway)
		state := "holds"
		if a.CloseTime != "" {
			state = "over"
		}
		all[strings.TrimPrefix(a.Modem, "modems/")+" "+a.Condition] = state
	}
	return all
}
