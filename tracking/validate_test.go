package tracking_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
)

func validReport() tracking.Report {
	fix := tracking.NewFix(second(0), orb.Point{116.4, 39.9})
	return tracking.Report{Device: "unit-1", Received: second(1), Source: "test", Fix: fix}
}

func TestValidateRejects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(r *tracking.Report)
		reason tracking.Reason
	}{
		{"latitude 91", func(r *tracking.Report) { r.Fix.Position[1] = 91 }, tracking.ReasonPosition},
		{"longitude -181", func(r *tracking.Report) { r.Fix.Position[0] = -181 }, tracking.ReasonPosition},
		{"no latitude", func(r *tracking.Report) { r.Fix.Position[1] = math.NaN() }, tracking.ReasonPosition},
		{"longitude without end", func(r *tracking.Report) { r.Fix.Position[0] = math.Inf(1) }, tracking.ReasonPosition},
		{"2099", func(r *tracking.Report) { r.Fix.Time = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) }, tracking.ReasonFuture},
		{"five minutes and a bit", func(r *tracking.Report) { r.Fix.Time = r.Received.Add(tracking.FutureTolerance + time.Microsecond) }, tracking.ReasonFuture},
		{"before GPS", func(r *tracking.Report) { r.Fix.Time = tracking.Epoch().Add(-time.Microsecond) }, tracking.ReasonPast},
		{"no time", func(r *tracking.Report) { r.Fix.Time = time.Time{} }, tracking.ReasonPast},
		{"before retention", func(r *tracking.Report) { r.Fix.Time = r.Received.Add(-retention - time.Microsecond) }, tracking.ReasonPast},
		{"backwards", func(r *tracking.Report) { r.Fix.Speed = -1 }, tracking.ReasonValue},
		{"infinite speed", func(r *tracking.Report) { r.Fix.Speed = math.Inf(1) }, tracking.ReasonValue},
		{"course 361", func(r *tracking.Report) { r.Fix.Course = 361 }, tracking.ReasonValue},
		{"accuracy", func(r *tracking.Report) { r.Fix.Accuracy = -0.1 }, tracking.ReasonValue},
		{"altitude", func(r *tracking.Report) { r.Fix.Altitude = -1e9 }, tracking.ReasonValue},
		{"satellites", func(r *tracking.Report) { r.Fix.Satellites = 1 << 20 }, tracking.ReasonValue},
		{"source", func(r *tracking.Report) { r.Source = "a\x00b" }, tracking.ReasonValue},
		{"attribute", func(r *tracking.Report) { r.Fix.Attributes = map[string]any{"a": []any{"\x00"}} }, tracking.ReasonValue},
		{"attribute not in JSON", func(r *tracking.Report) { r.Fix.Attributes = map[string]any{"a": math.NaN()} }, tracking.ReasonValue},
		{"attributes too long", func(r *tracking.Report) {
			r.Fix.Attributes = map[string]any{"a": strings.Repeat("x", tracking.MaxAttributes)}
		}, tracking.ReasonValue},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := validReport()
			test.change(&report)
			_, rejected := tracking.Validate(report, retention)
			require.NotNil(t, rejected)
			require.Equal(t, tracking.Rejected, rejected.Kind)
			require.Equal(t, test.reason, rejected.Reason)
			require.NotEmpty(t, rejected.Detail)
		})
	}
}

const retention = 365 * 24 * time.Hour

func TestValidateTakesWhatIsJustRight(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(r *tracking.Report){
		"poles":           func(r *tracking.Report) { r.Fix.Position = orb.Point{180, -90} },
		"ahead":           func(r *tracking.Report) { r.Fix.Time = r.Received.Add(tracking.FutureTolerance) },
		"at retention":    func(r *tracking.Report) { r.Fix.Time = r.Received.Add(-retention) },
		"course 360":      func(r *tracking.Report) { r.Fix.Course = 360 },
		"below the sea":   func(r *tracking.Report) { r.Fix.Altitude = -400 },
		"all that it has": func(r *tracking.Report) { r.Fix.Attributes = map[string]any{"a": 1, "b": nil} },
	} {
		report := validReport()
		change(&report)
		_, rejected := tracking.Validate(report, retention)
		require.Nil(t, rejected, name)
	}
}

func TestValidateNormalises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		report := validReport()
		report.Fix.Speed = rapid.Float64Range(0, 1e5).Draw(rt, "speed")
		report.Fix.Course = rapid.Float64Range(0, 360).Draw(rt, "course")
		report.Fix.Satellites = rapid.IntRange(-5, 40).Draw(rt, "satellites")
		report.Fix.Time = report.Fix.Time.Add(-time.Duration(rapid.Int64Range(0, 1e15).Draw(rt, "ago"))).In(time.FixedZone("", 3600))
		record, rejected := tracking.Validate(report, 0)
		require.Nil(rt, rejected)
		require.Less(rt, record.Fix.Course, 360.0)
		// What has come back from storage is valid and stays as it is.
		report.Fix = record.Fix
		again, rejected := tracking.Validate(report, 0)
		require.Nil(rt, rejected)
		if math.IsNaN(again.Fix.Altitude) {
			again.Fix.Altitude, record.Fix.Altitude, again.Fix.Accuracy, record.Fix.Accuracy = 0, 0, 0, 0
		}
		require.Equal(rt, record, again)
		require.InDelta(rt, float64(float32(record.Fix.Speed)), record.Fix.Speed, 0)
	})
}
