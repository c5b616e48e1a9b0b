package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/modem"
	"waybill/tracking"
)

// example is a line of testdata/texts.json: what a unit sends, and what it says.
type example struct {
	Name, Format string
	// Text is what came; of an 8-bit message Hex is.
	Text, Hex string
	// Zone is that of the device; UTC when empty.
	Zone  string
	Fixes []struct {
		Time                    time.Time
		Longitude, Latitude     float64
		Altitude, Speed, Course *float64
		Satellites              *int
		Attributes              map[string]any
	}
	// Alarm is of a text that raises one and holds no fix; Error is not_mine for one that is no report.
	Alarm, Error string
}

func examples(t *testing.T) []example {
	t.Helper()
	table, err := os.ReadFile("testdata/texts.json")
	require.NoError(t, err)
	var all []example
	require.NoError(t, json.Unmarshal(table, &all))
	return all
}

// decode has all formats try the example, in the way of [gateway.Texts].
func (e *example) decode(t *testing.T) (format string, fixes []tracking.Fix, err error) {
	t.Helper()
	zone, err := time.LoadLocation(e.Zone)
	require.NoError(t, err)
	payload := []byte(e.Text)
	if e.Hex != "" {
		payload, err = hex.DecodeString(e.Hex)
		require.NoError(t, err)
	}
	texts := gateway.Texts{Formats: textFormats(), Binaries: binaryFormats()}
	return texts.Decode(payload, zone)
}

func TestExampleTexts(t *testing.T) {
	t.Parallel()
	shown := make(map[string]bool)
	for _, e := range examples(t) {
		shown[e.Format] = true
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			format, fixes, err := e.decode(t)
			require.Equal(t, e.Format, format)
			switch unlocated := (*codec.Unlocated)(nil); {
			case e.Alarm != "":
				require.ErrorIs(t, err, codec.ErrNoFix)
				require.ErrorAs(t, err, &unlocated)
				require.Equal(t, e.Alarm, unlocated.Alarm)
			case e.Error != "":
				require.ErrorIs(t, err, codec.ErrNotMine)
			default:
				require.NoError(t, err)
			}
			require.Len(t, fixes, len(e.Fixes))
			for i, want := range e.Fixes {
				got := fixes[i]
				require.Equal(t, want.Time, got.Time)
				require.InDelta(t, want.Longitude, got.Position.Lon(), 5e-6)
				require.InDelta(t, want.Latitude, got.Position.Lat(), 5e-6)
				same(t, want.Altitude, got.Altitude)
				same(t, want.Speed, got.Speed)
				same(t, want.Course, got.Course)
				if want.Satellites != nil {
					require.Equal(t, *want.Satellites, got.Satellites)
				}
				require.Equal(t, want.Attributes, got.Attributes)
			}
		})
	}
	for _, f := range textFormats() {
		require.True(t, shown[f.Name], "there is no example of %s", f.Name)
	}
	for _, f := range binaryFormats() {
		require.True(t, shown[f.Name], "there is no example of %s", f.Name)
	}
}

// same compares a value, which is unknown where the example has none.
func same(t *testing.T, want *float64, got float64) {
	t.Helper()
	if want == nil {
		require.True(t, math.IsNaN(got), "%v is not known", got)
		return
	}
	require.InDelta(t, *want, got, 1e-6)
}

// TestExamplesInOtherDress has the same texts as other firmware and other networks
// write them.
func TestExamplesInOtherDress(t *testing.T) {
	t.Parallel()
	dresses := map[string]func(string) string{
		"CR LF":      func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") + "\r\n" },
		"spaces":     func(s string) string { return "  \n" + s + " \n\n" },
		"lower case": strings.ToLower,
		"upper case": strings.ToUpper,
	}
	for _, e := range examples(t) {
		_, want, wantErr := e.decode(t)
		for dress, change := range dresses {
			if e.Hex != "" || e.Format == "nmea" && strings.HasSuffix(dress, "case") { // its checksum is of the letters
				continue
			}
			changed := e
			changed.Text = change(e.Text)
			format, got, err := changed.decode(t)
			require.Equal(t, e.Format, format, "%s: %s", e.Name, dress)
			if wantErr != nil {
				require.Equal(t, wantErr, err, "%s: %s", e.Name, dress)
				continue
			}
			require.NoError(t, err, "%s: %s", e.Name, dress)
			require.Len(t, got, len(want))
			for i := range want {
				require.Equal(t, want[i].Time, got[i].Time, "%s: %s", e.Name, dress)
				require.Equal(t, want[i].Position, got[i].Position, "%s: %s", e.Name, dress)
				require.Equal(t, want[i].Attributes["alarm"], got[i].Attributes["alarm"], "%s: %s", e.Name, dress)
			}
		}
	}
}

// TestFormatsLeaveOthersAlone has every format try every example: no other than its own
// makes a fix of it.
func TestFormatsLeaveOthersAlone(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t) {
		for _, f := range textFormats() {
			if f.Name == e.Format {
				continue
			}
			fixes, err := f.Decode(e.Text, time.UTC)
			require.Error(t, err, "%s reads %s", f.Name, e.Name)
			require.Empty(t, fixes)
		}
		for _, f := range binaryFormats() {
			if f.Name != e.Format {
				_, err := f.Decode([]byte(e.Text))
				require.ErrorIs(t, err, codec.ErrNotMine, "%s reads %s", f.Name, e.Name)
			}
		}
	}
}

// heard is a sink and a directory of one device, for a message on its way.
type heard struct {
	gateway.Directory
	reports []tracking.Report
}

func (h *heard) ByPhone(context.Context, string) (tracking.Device, error) {
	return tracking.Device{UID: "unit", IMEI: "352848025020328"}, nil
}

func (h *heard) Deliver(_ context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	h.reports = append(h.reports, reports...)
	return slices.Repeat([]tracking.Outcome{{Kind: tracking.Stored}}, len(reports)), nil
}

// TestBytesOfAModemBecomeFixes has an 8-bit message come as a modem hands it over.
func TestBytesOfAModemBecomeFixes(t *testing.T) {
	t.Parallel()
	data, err := hex.DecodeString("04C0743932C00000804CEC6B018E0200000140E9D530E7A8")
	require.NoError(t, err)
	h := &heard{}
	intake := modem.Intake{Texts: &gateway.Texts{
		Intake:    gateway.NewIntake(h, nil, gateway.Settings{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry()),
		Directory: h, Formats: textFormats(), Binaries: binaryFormats(),
	}}
	require.NoError(t, intake.HandleText(t.Context(), modem.Text{From: "+37060000000", Data: data}))
	require.Len(t, h.reports, 1)
	require.Equal(t, "sms/codec4", h.reports[0].Source)
	require.Equal(t, time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC), h.reports[0].Fix.Time)
}
