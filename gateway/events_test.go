package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/codec/coban"
	"waybill/gateway/codec/maplink"
	"waybill/tracking"
)

// eventLog remembers events, or answers as it is told to.
type eventLog struct {
	events  []tracking.DeviceEvent
	outcome tracking.OutcomeKind
	err     error
}

func (l *eventLog) RecordDeviceEvent(_ context.Context, event tracking.DeviceEvent) (tracking.Outcome, error) {
	if l.err != nil {
		return tracking.Outcome{}, l.err
	}
	if rejected := event.Check(); rejected != nil {
		return *rejected, nil
	}
	l.events = append(l.events, event)
	return tracking.Outcome{Kind: l.outcome}, nil
}

// phones knows every number as one device.
type phones struct {
	absent
	device tracking.Device
}

func (p phones) ByPhone(context.Context, string) (tracking.Device, error) { return p.device, nil }

// alarmTexts is the road of texts of one device, with what is told and kept of them.
func alarmTexts(sink sinkFunc, device tracking.Device) (*gateway.Texts, *eventLog, *shelf) {
	told, kept := &eventLog{outcome: tracking.Stored}, &shelf{}
	intake, _ := newIntake(sink, kept, gateway.Settings{Events: told})
	return &gateway.Texts{
		Intake: intake, Directory: phones{device: device},
		Formats: codec.Texts{{Name: "coban", Decode: coban.Decode}, {Name: "maplink", Decode: maplink.Decode}},
	}, told, kept
}

func sent() time.Time { return time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC) }

func TestAlarmsWithoutAFixAreTold(t *testing.T) {
	t.Parallel()
	const fix = "\nlat:52.397735\nlong:9.673347\nspeed:0.00\nT:26/09/13 14:50\n"
	for name, c := range map[string]struct {
		text   string
		sink   tracking.OutcomeKind
		alarm  string
		reason tracking.Reason // of what is kept; empty for nothing
	}{
		"last known place":         {"help me!\nLac:c742 dc90\nT:\nLast:\nT:00:00\nhttp://maps.google.com/maps?f=q&q=6.049100,124.746815&z=16", tracking.Stored, "sos", ""},
		"unknown format":           {"SOS! the unit says more than we know", tracking.Stored, "sos", gateway.ReasonUnknownFormat},
		"broken":                   {"help me! http://maps.google.com/maps?f=q&q=6.049100,124.746815&z=16", tracking.Stored, "sos", "time"},
		"with a fix":               {"help me!" + fix, tracking.Stored, "", ""},
		"its minute was taken":     {"help me!" + fix, tracking.Conflict, "sos", tracking.ReasonConflict},
		"no alarm, last known":     {"Lac:c742 dc90\nLast:\nT:00:00", tracking.Stored, "", gateway.ReasonNoFix},
		"no alarm, another minute": {"tracker" + fix, tracking.Conflict, "", tracking.ReasonConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			texts, told, kept := alarmTexts(all(c.sink), tracking.Device{UID: "unit"})
			require.NoError(t, texts.HandleText(t.Context(), gateway.Text{ID: "abc", Sender: "+49", Time: sent(), Body: []byte(c.text)}))
			if c.alarm == "" {
				require.Empty(t, told.events)
			} else {
				require.Len(t, told.events, 1)
				event := told.events[0]
				require.Equal(t, c.alarm, event.Kind)
				require.Equal(t, "abc", event.ID)
				require.Equal(t, sent(), event.Time)
				require.Equal(t, "unit", event.Device)
				require.True(t, strings.HasPrefix(event.Source, "sms"))
				require.Equal(t, c.text, event.Text)
			}
			if c.reason == "" {
				require.Empty(t, kept.kept)
				return
			}
			require.Len(t, kept.kept, 1)
			require.Equal(t, c.reason, kept.kept[0].Reason)
		})
	}
}

func TestAlarmsAreNotLost(t *testing.T) {
	t.Parallel()
	text := gateway.Text{Sender: "+49", Time: sent(), Body: []byte("help me!\nLac:c742 dc90\nLast:\nT:00:00")}
	texts, told, kept := alarmTexts(all(tracking.Stored), tracking.Device{UID: "unit"})
	told.err = tracking.ErrUnavailable
	require.ErrorIs(t, texts.HandleText(t.Context(), text), tracking.ErrUnavailable, "the text stays on the SIM")
	told.err, told.outcome = nil, tracking.Retry
	require.ErrorIs(t, texts.HandleText(t.Context(), text), tracking.ErrUnavailable)
	require.Empty(t, kept.kept)
	told.events, told.outcome = nil, tracking.Duplicate
	require.NoError(t, texts.HandleText(t.Context(), text))
	require.NoError(t, texts.HandleText(t.Context(), text))
	require.Len(t, told.events, 2)
	require.Equal(t, told.events[0].ID, told.events[1].ID, "a text without an id is known by what it says and when")
	require.Empty(t, kept.kept, "it was told before")

	told.outcome = tracking.Rejected
	require.NoError(t, texts.HandleText(t.Context(), text))
	require.Len(t, kept.kept, 1, "what tracking won't have is kept")
}

func TestTheTimeOfAnAlarm(t *testing.T) {
	t.Parallel()
	texts, told, _ := alarmTexts(all(tracking.Stored), tracking.Device{UID: "unit"})
	ahead := time.Now().Add(8 * time.Hour) // a service centre with another zone
	body := []byte("help me!\nLac:c742 dc90\nLast:\n" + strings.Repeat("\x00\u4e2d", 400))
	require.NoError(t, texts.HandleText(t.Context(), gateway.Text{Sender: "+49", Time: ahead, Body: body}))
	require.Len(t, told.events, 1, "however odd the text is")
	require.Equal(t, told.events[0].Received, told.events[0].Time)
}

func TestAnAlarmOfARefusedFixIsOfItsTime(t *testing.T) {
	t.Parallel()
	told := &eventLog{outcome: tracking.Stored}
	intake, _ := newIntake(all(tracking.Conflict), &shelf{}, gateway.Settings{Events: told})
	fix := tracking.NewFix(sent(), orb.Point{1, 2})
	fix.Attributes = map[string]any{"alarm": "sos"}
	road := reading{Reading: gateway.Reading{Device: "d", Parts: codec.Parts([]tracking.Fix{fix})}}
	m := message("d")
	m.Received = sent().Add(time.Hour)
	require.NoError(t, intake.Accept(t.Context(), road, m))
	require.Len(t, told.events, 1)
	require.Equal(t, fix.Time, told.events[0].Time, "a backlog's alarm is not one of now")
}

func TestAnotherUnitsTexts(t *testing.T) {
	t.Parallel()
	identified := func(string, *time.Location) ([]tracking.Fix, error) {
		fix := tracking.NewFix(sent(), orb.Point{1, 2})
		fix.Attributes = map[string]any{"imei": "354776031555474", "alarm": "sos"}
		return []tracking.Fix{fix}, nil
	}
	for imei, reason := range map[string]tracking.Reason{"": "", "354776031555474": "", "352848025020328": gateway.ReasonOtherUnit} {
		texts, told, kept := alarmTexts(all(tracking.Stored), tracking.Device{UID: "unit", IMEI: imei})
		texts.Formats = codec.Texts{{Name: "identified", Decode: identified}}
		require.NoError(t, texts.HandleText(t.Context(), gateway.Text{Sender: "+49", Time: sent(), Body: []byte("x")}))
		if reason == "" {
			require.Empty(t, kept.kept)
			continue
		}
		require.Len(t, kept.kept, 1)
		require.Equal(t, reason, kept.kept[0].Reason)
		require.Contains(t, kept.kept[0].Detail, "354776031555474")
		require.Len(t, told.events, 1, "whoever has the unit calls for help")
	}
}

func TestBytesReachTheirDecoder(t *testing.T) {
	t.Parallel()
	texts, _, _ := alarmTexts(all(tracking.Stored), tracking.Device{UID: "unit"})
	var got []byte
	texts.Binaries = codec.Binaries{{Name: "bytes", Decode: func(data []byte) ([]tracking.Fix, error) {
		got = data
		if data[0] == 4 {
			return nil, codec.ErrNoFix
		}
		return nil, codec.ErrNotMine
	}}}
	name, _, err := texts.Decode([]byte{4, 0xff, 0x80, 0}, time.UTC)
	require.Equal(t, "bytes", name)
	require.ErrorIs(t, err, codec.ErrNoFix)
	require.Equal(t, []byte{4, 0xff, 0x80, 0}, got)
	name, fixes, err := texts.Decode([]byte("lat:52.397735\nlong:9.673347\nT:26/09/13 14:50"), time.UTC)
	require.NoError(t, err)
	require.Equal(t, "coban", name)
	require.Len(t, fixes, 1)
}
