package derive_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking/derive"
)

// span is when a condition held, in minutes since the start; the end is -1 while it does.
type span struct {
	condition    derive.Condition
	began, ended float64
}

// spansOf folds one fix a minute with these attributes.
func spansOf(attributes ...map[string]any) []span {
	fixes := make([]derive.Seen, len(attributes))
	for i := range attributes {
		fixes[i] = route(time.Duration(i)*time.Minute, 0)
		fixes[i].Signals = derive.SignalsOf(attributes[i])
	}
	var spans []span
	for _, change := range follow(fixes...).Changes {
		at := change.Stated.Sub(start()).Minutes()
		switch change.Kind {
		case derive.Began:
			spans = append(spans, span{change.Condition, at, -1})
		case derive.Ended:
			i := slices.IndexFunc(spans, func(s span) bool { return s.condition == change.Condition && s.ended < 0 })
			spans[i].ended = at
		case derive.Arrived, derive.Departed, derive.Finished:
		}
	}
	return spans
}

func alarms(words ...string) []map[string]any {
	all := make([]map[string]any, len(words))
	for i, word := range words {
		if word != "" {
			all[i] = map[string]any{"alarm": word}
		}
	}
	return all
}

func TestAlarmsAreOfAMoment(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"power_cut", "low_battery", "shock", "door_open", "speeding"} {
		spans := spansOf(alarms("", word, word, "", word)...)
		if word == "speeding" { // nobody knows how fast it is now
			require.Len(t, spans, 1, word)
			continue
		}
		require.Len(t, spans, 2, word)
		require.Equal(t, word, spans[0].condition.String())
		require.InDeltaSlice(t, []float64{1, 3}, []float64{spans[0].began, spans[0].ended}, 0, word)
		require.InDeltaSlice(t, []float64{4, -1}, []float64{spans[1].began, spans[1].ended}, 0, word)
	}
	require.Empty(t, spansOf(alarms("moved", "tilt", "temperature", "", "nonsense")...), "no condition, or one that needs a value")
	require.Empty(t, spansOf(map[string]any{"alarm": 7}))
}

func TestEachCallForHelpIsOne(t *testing.T) {
	t.Parallel()
	require.Equal(t, []span{{derive.SOS, 1, 2}, {derive.SOS, 2, 3}, {derive.SOS, 4, -1}}, spansOf(alarms("", "sos", "sos", "", "sos")...))
}

func TestCallForHelpIsHeardWhereverItIsFrom(t *testing.T) {
	t.Parallel()
	wild := fixAt(time.Minute, orb.Point{0, 51})
	wild.Signals = derive.SignalsOf(map[string]any{"alarm": "sos"})
	done := follow(route(0, 0), wild)
	require.Equal(t, 0, done.Live, "the fix is not believed")
	require.True(t, done.State.Holds.Has(derive.SOS))
}

func TestReadingsDecideOverAlarms(t *testing.T) {
	t.Parallel()
	power := func(on bool) map[string]any { return map[string]any{"external_power": on} }
	alarm := map[string]any{"alarm": "power_cut"}
	// What is read goes on until something else is read, whatever is warned of meanwhile.
	require.Equal(t, []span{{derive.PowerCut, 0, 4}}, spansOf(power(false), nil, alarm, nil, power(true)))
	// What was only warned of goes on when it is read.
	require.Equal(t, []span{{derive.PowerCut, 0, 3}}, spansOf(alarm, power(false), nil, power(true)))
	// A unit that warns is right even where it reads otherwise: it measures more often than it reports.
	require.Equal(t, []span{{derive.LowBattery, 0, 1}}, spansOf(
		map[string]any{"alarm": "low_battery", "battery_percent": 40.0}, map[string]any{"battery_percent": 40.0}))
}

func TestUnitsOwnSpeedLimit(t *testing.T) {
	t.Parallel()
	warned, slow := route(0, 0), route(time.Minute, 300)
	warned.Speed, slow.Speed = 30, 5
	warned.Signals = derive.SignalsOf(map[string]any{"alarm": "speeding"})
	done := follow(warned, slow)
	var kinds []derive.Kind
	for _, change := range done.Changes {
		if change.Condition == derive.Speeding {
			require.Zero(t, change.Zone)
			kinds = append(kinds, change.Kind)
		}
	}
	require.Equal(t, []derive.Kind{derive.Began, derive.Ended}, kinds)
}

// TestOldStatesAreRead has states of before warnings were told apart.
func TestOldStatesAreRead(t *testing.T) {
	t.Parallel()
	fix := route(0, 0)
	fix.Signals = derive.SignalsOf(map[string]any{"external_power": false, "shock": true})
	state := follow(fix).State
	require.Zero(t, state.Warned)
	b, err := state.AppendBinary(nil)
	require.NoError(t, err)
	var again derive.State
	require.NoError(t, again.UnmarshalBinary(b))
	require.Equal(t, state.Holds, again.Holds)
	require.Zero(t, again.Warned)
}
