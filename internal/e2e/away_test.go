package e2e_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/emulator"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// TestTextsWhilePostgreSQLIsAway takes PostgreSQL away while texts come in, until the SIMs are full and the network
// holds the rest: that a SIM fills up is told while there is still room, and afterwards everything is read.
func TestTextsWhilePostgreSQLIsAway(t *testing.T) {
	t.Parallel()
	c := talk(t, *soakSeed+1, *soakTexts)
	r := newRadio(t)
	began := time.Now()
	// The last of each modem's messages come slowly, to see what is told when.
	slow := c.arrivals[0][len(c.arrivals[0])-20:]
	c.arrivals[0] = c.arrivals[0][:len(c.arrivals[0])-20]

	total := 0
	for _, a := range c.arrivals {
		total += len(a)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience+time.Duration(total)*patience/1000+*soakAway)
	defer cancel()
	progress := &progress{steps: make(chan struct{}, total), left: total}
	var all sync.WaitGroup
	for i, sim := range r.sims[1:] {
		all.Go(func() { feed(ctx, sim, c.arrivals[i+1], progress.steps) })
	}
	require.NoError(t, progress.wait(ctx, total/3, r.ended()))
	require.NoError(t, r.cluster.Close())
	gone := time.Now()

	r.fillSlowly(t, r.sims[0], slow[:16])
	for _, m := range slow[16:] {
		m.Text = ""
		require.NoError(t, r.sims[0].Deliver(m))
	}
	all.Go(func() { feed(ctx, r.sims[0], c.arrivals[0], progress.steps) })
	require.Eventually(t, func() bool { // Each SIM is full, or has all that ever comes.
		return !slices.ContainsFunc(r.sims, func(sim *emulator.Emulator) bool { return sim.Waiting() == 0 }) || progress.left == len(progress.steps)
	}, patience, 10*time.Millisecond, "the SIMs don't fill up")
	held := 0
	for _, sim := range r.sims {
		held += sim.Stored("SM") + sim.Stored("ME") + sim.Waiting()
	}
	stay := time.NewTimer(max(0, *soakAway-time.Since(gone)))
	select {
	case <-stay.C:
	case <-r.ended():
		require.FailNow(t, "a server ended because PostgreSQL was away")
	}
	away := time.Since(gone)
	r.startDatabase(t)
	require.NoError(t, progress.wait(ctx, progress.left, r.ended()))
	all.Wait()
	r.awaitRead(t)
	r.expectAlert(t)
	t.Logf("%d texts; PostgreSQL was away for %v, with %d messages held back at the end of it; all read %v after that, %v in all",
		c.texts, away.Round(time.Millisecond), held, time.Since(gone.Add(away)).Round(time.Millisecond), time.Since(began).Round(time.Second))
	r.giveUp(t, c)
	r.expect(t, c)
}

// fillSlowly has messages come one by one, and sees that an alert says that the SIM is nearly full before it is.
func (r *radio) fillSlowly(t *testing.T, sim *emulator.Emulator, messages []emulator.Message) {
	t.Helper()
	capacity := sim.State().Memories[0].Capacity
	for _, m := range messages {
		m.Memory, m.Text = "SM", ""
		require.NoError(t, sim.Deliver(m))
		stored := sim.Stored("SM")
		require.Eventually(t, func() bool {
			return r.metric(t, `waybill_modem_memory_used{memory="SM",modem="modem0"}`) == float64(stored)
		}, patience, 20*time.Millisecond, "how full the SIM is is not told while the database is away")
		if 5*stored >= 4*capacity {
			require.Less(t, stored, capacity)
			require.Eventually(t, func() bool { return r.metric(t, nearlyFull) == 1 }, patience, 50*time.Millisecond, "no alert")
			require.Less(t, sim.Stored("SM"), capacity, "the SIM still takes texts when the alert is raised")
			return
		}
	}
}

const nearlyFull = `waybill_modem_alert{condition="memory_nearly_full",modem="modem0"}`

// expectAlert waits for the row of the alert, which follows when the database is back.
func (r *radio) expectAlert(t *testing.T) {
	t.Helper()
	alerts := gatewayv1.NewAlertServiceClient(dial(t, r.argument("--grpc-address"), r.admin))
	require.Eventually(t, func() bool {
		listed, err := alerts.ListAlerts(t.Context(), &gatewayv1.ListAlertsRequest{PageSize: 1000})
		return err == nil && slices.ContainsFunc(listed.GetAlerts(), func(a *gatewayv1.Alert) bool {
			return strings.HasSuffix(a.GetModem(), "modem0") && a.GetCondition() == gatewayv1.Condition_CONDITION_MEMORY_NEARLY_FULL
		})
	}, patience, 100*time.Millisecond, "the alert is not listed")
}

// argument is what the gateway was started with.
func (r *radio) argument(flag string) string {
	args := r.arguments[r.gateway()]
	return args[slices.Index(args, flag)+1]
}

// metric is what the gateway says of itself, -1 where it doesn't say that.
func (r *radio) metric(t *testing.T, name string) float64 {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.argument("--http-address")+"/metrics", nil)
	require.NoError(t, err)
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	for line := range strings.Lines(string(body)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			require.NoError(t, err)
			return v
		}
	}
	return -1
}
