package pattern_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/codec"
	"waybill/gateway/pattern"
)

func zone(t *testing.T) *time.Location {
	t.Helper()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	return shanghai
}

func sent() time.Time { return time.Date(2026, 9, 13, 6, 51, 0, 0, time.UTC) }

func read(t *testing.T, p pattern.Pattern, text string) pattern.Reading {
	t.Helper()
	p.UID = "x"
	c, err := pattern.Compile(&p)
	require.NoError(t, err)
	reading, ok := c.Read(text, sent(), zone(t))
	require.True(t, ok, text)
	return reading
}

// place is a pattern of a place and more.
func place(more string) pattern.Pattern {
	return pattern.Pattern{Expression: `(?P<lat>[\d.,]+) (?P<lon>[\d.,]+)` + more, UseSentTime: true}
}

func TestTimesAreRead(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 9, 13, 6, 50, 0, 0, time.UTC) // 14:50 in Shanghai
	for _, c := range []struct{ layout, text string }{
		{"yyyy-MM-dd HH:mm", "2026-09-13 14:50"},
		{"yy/M/d H:m:s", "26/9/13 14:50:0"},
		{"dd.MM.yyyy hh:mm a", "13.09.2026 02:50 pm"},
		{"dMMMyyyy h:mm:ssa", "13sep2026 2:50:00PM"},
		{"yyyy-MM-ddTHH:mm:ssXXX", "2026-09-13T06:50:00Z"},
		{"yyyyMMddTHHmmssXX", "20260913T075000+0100"},
		{"HH:mm dd-MM-yy", "14:50 13-09-26"},
	} {
		p := pattern.Pattern{Expression: `^(?P<lat>1) (?P<lon>2) (?P<time>.+)$`, TimeLayout: c.layout}
		reading := read(t, p, "1 2 "+c.text)
		require.NoError(t, reading.Err, c.layout)
		require.Equal(t, want, reading.Fix.Time, c.layout)
	}
	for expression, text := range map[string]string{
		` (?P<unix>\d+)`:  " 1789282200",
		` (?P<unix>\d+)_`: " 1789282200000_",
		` (?P<year>\d+)\.(?P<month>\w+)\.(?P<day>\d+) (?P<hour>\d+)h(?P<minute>\d+)`:                                     " 2026.September.13 14h50",
		` (?P<day>\d\d)(?P<month>\d\d)(?P<year>\d\d) (?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<am_pm>[ap]\.m\.)`: " 130926 025000p.m.",
	} {
		p := place(expression)
		p.UseSentTime = false
		reading := read(t, p, "1 2"+text)
		require.NoError(t, reading.Err, expression)
		require.Equal(t, want, reading.Fix.Time, expression)
	}
	require.Equal(t, sent(), read(t, place(""), "1 2").Fix.Time, "it speaks of when it was sent")
	for text, p := range map[string]pattern.Pattern{
		"1 2 2026-09-13 25:50": {Expression: `(?P<lat>1) (?P<lon>2) (?P<time>.+)`, TimeLayout: "yyyy-MM-dd HH:mm"},
		"1 2 99999999999999":   {Expression: `(?P<lat>1) (?P<lon>2) (?P<unix>.+)`},
		"1 2 ":                 {Expression: `(?P<lat>1) (?P<lon>2) (?P<time>.*)`, TimeLayout: "yyyy-MM-dd HH:mm"},
	} {
		require.ErrorIs(t, read(t, p, text).Err, &codec.Error{Reason: codec.ReasonTime}, text)
	}
}

func TestPlacesAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expression, text string
		lat, lon         float64
	}{
		{`(?P<lat>\S+) (?P<lon>\S+)`, "-31.5 121.25", -31.5, 121.25},
		{`(?P<lat>\S+) (?P<lng>\S+)`, "S31.5 121.25W", -31.5, -121.25},
		{`(?P<lat>\S+) (?P<long>\S+)`, "31,5 121,25", 31.5, 121.25},
		{`(?P<latitude>\d\d)(?P<latitude_minutes>[\d.]+)(?P<latitude_hemisphere>[NS]),(?P<longitude>\d{3})(?P<longitude_minutes>[\d.]+)(?P<longitude_hemisphere>[EW])`, "3130.0S,12115.0W", -31.5, -121.25},
		{`(?P<latitude>\d+)°(?P<latitude_minutes>\d+)'(?P<latitude_seconds>\d+)" (?P<longitude>\d+)°(?P<longitude_minutes>\d+)'(?P<longitude_seconds>\d+)"`, `31°29'60" 121°14'59"`, math.NaN(), 0},
		{`(?P<latitude>\d+)°(?P<latitude_minutes>\d+)'(?P<latitude_seconds>\d+)" (?P<longitude>\d+)°(?P<longitude_minutes>\d+)'(?P<longitude_seconds>\d+)"`, `31°29'36" 121°14'24"`, 31 + 29.6/60, 121.24},
		{`(?P<latitude>-?\d+) (?P<latitude_minutes>\d+) (?P<longitude>-?\d+) (?P<longitude_minutes>\d+)`, "-0 30 -121 15", -0.5, -121.25},
		{`(?P<latitude_hemisphere>[北南])纬(?P<latitude>[\d.]+)(?P<longitude_hemisphere>[东西])经(?P<longitude>[\d.]+)`, "南纬31.5东经121.25", -31.5, 121.25},
		{`(?P<lat>\S+) (?P<lon>\S+)`, "91 0", math.NaN(), 0},
		{`(?P<lat>\S+) (?P<lon>\S+)`, "x 0", math.NaN(), 0},
	} {
		reading := read(t, pattern.Pattern{Expression: c.expression, UseSentTime: true}, c.text)
		if math.IsNaN(c.lat) {
			var broken *codec.Error
			require.ErrorAs(t, reading.Err, &broken, c.text)
			continue
		}
		require.NoError(t, reading.Err, c.text)
		require.InDelta(t, c.lat, reading.Fix.Position.Lat(), 1e-9, c.text)
		require.InDelta(t, c.lon, reading.Fix.Position.Lon(), 1e-9, c.text)
	}
}

func TestValuesAreRead(t *testing.T) {
	t.Parallel()
	p := place(` V(?P<speed>[\d.]*) C(?P<heading>\d*) A(?P<altitude>-?\d*) H(?P<accuracy>\d*) S(?P<satellites>\d*) B(?P<battery>\d+) ` +
		`I(?P<imei>\d+) ACC(?P<ignition>\w+) D(?P<driver>\w+) (?P<alarm>[\w ]*)`)
	p.SpeedUnit = pattern.Knots
	reading := read(t, p, "1 2 V10 C90 A-5 H7 S11 B80 I354776031555474 ACCon DWang power alarm")
	require.NoError(t, reading.Err)
	fix := reading.Fix
	require.InDelta(t, 10*codec.Knot, fix.Speed, 1e-9)
	require.InDelta(t, 90, fix.Course, 0)
	require.InDelta(t, -5, fix.Altitude, 0)
	require.InDelta(t, 7, fix.Accuracy, 0)
	require.Equal(t, 11, fix.Satellites)
	require.Equal(t, map[string]any{
		"battery_percent": 80.0, "imei": "354776031555474", "ignition": true, "driver": "Wang", "alarm": "power_cut",
	}, fix.Attributes)
	meanings := make(map[string]string)
	for _, g := range reading.Groups {
		meanings[g.Name] = g.Text + " → " + g.Meaning
	}
	require.Equal(t, "10 → 5.144 m/s", meanings["speed"])
	require.Equal(t, "1 → 1.000000° of latitude", meanings["latitude"])
	require.Equal(t, "on → the attribute ignition = true", meanings["ignition"])
	require.Equal(t, "power alarm → the alarm power_cut", meanings["alarm"])

	reading = read(t, p, "1 2 V C A H S B80 I1 ACCoff DWang ")
	require.NoError(t, reading.Err)
	require.True(t, math.IsNaN(reading.Fix.Speed) && math.IsNaN(reading.Fix.Course) && math.IsNaN(reading.Fix.Altitude))
	require.Equal(t, -1, reading.Fix.Satellites)
	for _, text := range []string{"1 2 V1.2.3 C A H S B1 I1 ACCon Dx ", "1 2 V C361 A H S B1 I1 ACCon Dx ", "1 2 V C A H S999 B1 I1 ACCon Dx "} {
		require.ErrorIs(t, read(t, p, text).Err, &codec.Error{Reason: codec.ReasonNumber}, text)
	}
}

func TestTextsWithoutAFix(t *testing.T) {
	t.Parallel()
	p := pattern.Pattern{
		Expression: `(?:(?P<alarm>\w+)! )?(?P<no_fix>LAST )?(?:AT (?P<lat>[\d.]+) (?P<lon>[\d.]+)|nowhere)`, UseSentTime: true,
	}
	for text, word := range map[string]string{
		"SOS! LAST AT 1 2": "sos", "LAST AT 1 2": "", "SOS! nowhere": "sos", "nowhere": "", "SOS! AT 0 0.0": "sos", "hello! LAST AT 1 2": "",
	} {
		reading := read(t, p, text)
		require.ErrorIs(t, reading.Err, codec.ErrNoFix, text)
		var unlocated *codec.Unlocated
		require.Equal(t, word != "", errors.As(reading.Err, &unlocated), text)
		if unlocated != nil {
			require.Equal(t, word, unlocated.Alarm)
		}
	}
	reading := read(t, pattern.Pattern{Expression: `^PANIC`, Alarm: "sos"}, "PANIC 7")
	var unlocated *codec.Unlocated
	require.ErrorAs(t, reading.Err, &unlocated)
	require.Equal(t, "sos", unlocated.Alarm)
}

func FuzzRead(f *testing.F) {
	f.Add(acme().Expression, acme().TimeLayout, acme().Example)
	f.Add(`(?P<lat>\d+)(?P<latitude_minutes>.+)N(?P<lon>\S+) (?P<unix>\d+)(?P<am_pm>..)?(?P<x>.*)`, "", "12 34N5 1789282200 y")
	f.Add(`(?P<year>.+)-(?P<month>.+)-(?P<day>.+)T(?P<hour>.+):(?P<minute>.+) (?P<lat>\S+) (?P<lon>\S+)(?P<alarm>.*)`, "", "2026-9-13T14:50 1 2 help me")
	f.Add(`(?P<time>.+);(?P<lat>.+);(?P<lon>.+);(?P<speed>.*);(?P<satellites>.*)`, "dd/MMM/yyyy hh:mm:ss a XXX", "13/Sep/2026 02:50:00 PM +08:00;1;2;3;4")
	east := time.FixedZone("east", 8*3600)
	f.Fuzz(func(t *testing.T, expression, layout, text string) {
		c, err := pattern.Compile(&pattern.Pattern{UID: "x", Expression: expression, TimeLayout: layout, UseSentTime: true, SpeedUnit: pattern.Knots})
		if err != nil {
			return
		}
		reading, ok := c.Read(text, sent(), east)
		if !ok {
			return
		}
		if reading.Err != nil {
			var broken *codec.Error
			require.True(t, errors.Is(reading.Err, codec.ErrNoFix) || errors.As(reading.Err, &broken), "a foreign error: %v", reading.Err)
			return
		}
		fix := reading.Fix
		require.LessOrEqual(t, math.Abs(fix.Position.Lat()), 90.0)
		require.LessOrEqual(t, math.Abs(fix.Position.Lon()), 180.0)
		require.False(t, codec.IsNowhere(fix.Position))
		require.Equal(t, time.UTC, fix.Time.Location())
		require.False(t, math.IsInf(fix.Speed, 0) || fix.Speed < 0)
		require.False(t, fix.Course < 0 || fix.Course > 360)
	})
}
