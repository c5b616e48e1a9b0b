package gateway_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

// correspondent takes what it is told to, and notes it.
type correspondent struct {
	takes bool
	err   error
	got   []string
}

func (c *correspondent) ReceiveText(_ context.Context, text gateway.Text) (bool, error) {
	c.got = append(c.got, text.ID)
	return c.takes, c.err
}

func TestTextsOfPeople(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	registry, store := trackingpg.NewRegistry(pool, "CN"), postgres.New(pool, postgres.Bounds{})
	_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: "truck-1", Phone: "+8613800138000"}, "")
	require.NoError(t, err)
	intake, _ := newIntake(all(tracking.Stored), store, gateway.Settings{})
	people := &correspondent{takes: true}
	texts := &gateway.Texts{Intake: intake, Directory: registry, People: people}
	send := func(id, from, body string) error {
		return texts.HandleText(t.Context(), gateway.Text{ID: id, Sender: from, Time: time.Unix(0, 0), Body: []byte(body)})
	}
	rejected := func() int {
		inputs, err := store.List(t.Context(), "", "", postgres.Position{}, 10)
		require.NoError(t, err)
		return len(inputs)
	}

	require.NoError(t, send("taken", "+8613900000000", "TRACK 7K3M9Q2A"))
	require.Zero(t, rejected())
	require.NoError(t, send("device's", "+8613800138000", "TRACK 7K3M9Q2A"))
	require.NoError(t, send("data", "+8613900000000", "\xff\xfe"))
	require.Equal(t, 2, rejected())
	people.takes = false
	require.NoError(t, send("nobody's", "+8613900000000", "hello"))
	require.Equal(t, 3, rejected())
	people.err = errors.New("crm is away")
	require.ErrorContains(t, send("waits", "+8613900000000", "hello"), "crm is away")
	require.Equal(t, 3, rejected(), "what crm has not seen is rejected by nobody")
	require.Equal(t, []string{"taken", "nobody's", "waits"}, people.got)
}
