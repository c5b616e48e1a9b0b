package gateway_test

import (
	"context"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

func TestTextsFindDeviceAndZone(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	registry, store := trackingpg.NewRegistry(pool, "CN"), postgres.New(pool, postgres.Bounds{})
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	_, err = registry.CreateDevice(t.Context(), tracking.Device{UID: "truck-1", Phone: "+8613800138000", Zone: shanghai}, "")
	require.NoError(t, err)

	var delivered []tracking.Report
	sink := sinkFunc(func(reports []tracking.Report) ([]tracking.Outcome, error) {
		delivered = append(delivered, reports...)
		return all(tracking.Stored)(reports)
	})
	intake, _ := newIntake(sink, store, gateway.Settings{})
	texts := &gateway.Texts{Intake: intake, Directory: registry, Formats: codec.Texts{{Name: "clock", Decode: clock}}}

	send := func(from, body string) {
		require.NoError(t, texts.HandleText(t.Context(), gateway.Text{Sender: from, Time: time.Unix(0, 0), Body: []byte(body)}))
	}
	send("13800138000", "at 2026-04-05 14:00") // as our own network gives it
	send("+8613800138000", "help me!")
	send("+8613800138000", "bonjour")
	send("+33612345678", "at 2026-04-05 14:00")
	send("Operator", "your bill")

	require.Len(t, delivered, 1)
	require.Equal(t, "truck-1", delivered[0].Device)
	require.Equal(t, "sms/clock", delivered[0].Source)
	require.Equal(t, time.Date(2026, 4, 5, 6, 0, 0, 0, time.UTC), delivered[0].Fix.Time, "told in the device's zone")

	inputs, err := store.List(t.Context(), "", "", postgres.Position{}, 10)
	require.NoError(t, err)
	reasons := make(map[tracking.Reason]int)
	for _, in := range inputs {
		reasons[in.Reason]++
	}
	require.Equal(t, map[tracking.Reason]int{gateway.ReasonNoFix: 1, gateway.ReasonUnknownFormat: 1, tracking.ReasonUnknownDevice: 2}, reasons)
}

// clock is a format of texts that tells nothing but local time.
func clock(text string, zone *time.Location) ([]tracking.Fix, error) {
	if text == "help me!" {
		return nil, codec.ErrNoFix
	}
	at, err := time.ParseInLocation("at 2006-01-02 15:04", text, zone)
	if err != nil {
		return nil, codec.ErrNotMine
	}
	return []tracking.Fix{tracking.NewFix(at, orb.Point{116.4, 39.9})}, nil
}

func TestTextsWaitForTheDirectory(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	intake, _ := newIntake(all(tracking.Stored), s, gateway.Settings{})
	texts := &gateway.Texts{Intake: intake, Directory: absent{}}
	err := texts.HandleText(t.Context(), gateway.Text{Sender: "+8613800138000", Body: []byte("x")})
	require.ErrorIs(t, err, tracking.ErrUnavailable)
	require.Empty(t, s.kept, "nobody is unknown because the directory is away")
}

// absent is a directory that is away.
type absent struct{}

func (absent) Authenticate(context.Context, string, string) (tracking.Device, error) {
	return tracking.Device{}, tracking.ErrUnavailable
}

func (absent) ByPhone(context.Context, string) (tracking.Device, error) {
	return tracking.Device{}, tracking.ErrUnavailable
}

func (absent) ByUID(context.Context, string) (tracking.Device, error) {
	return tracking.Device{}, tracking.ErrUnavailable
}
