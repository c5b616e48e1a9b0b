package text_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/customer"
	"waybill/crm/interaction"
	"waybill/crm/location"
	"waybill/crm/optout"
	"waybill/crm/text"
	"waybill/tracking"
)

// Numbers of people.
const (
	stranger = "+8613900000000"
	buyer    = "+8613911111111"
)

// counter is a desk with what it stands on, and a gateway that notes what it is asked.
type counter struct {
	*crmtest.World
	*text.Desk

	carrier      *text.Carrier
	post         *text.Post
	gateway      *gateway
	interactions *interaction.Store
	optOuts      *optout.Store
	code         string
	texts        int
}

func newCounter(t *testing.T, limits text.Limits) *counter {
	t.Helper()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	made, _, err := w.Links.Create(t.Context(), "SO-1", time.Time{}, "")
	require.NoError(t, err)
	_, err = w.Customers.CreateContact(t.Context(), customer.Contact{Customer: "acme", ID: "buyer", DisplayName: "Buyer", Phone: buyer}, "")
	require.NoError(t, err)
	metrics := text.NewMetrics()
	c := &counter{
		World: w, gateway: &gateway{sent: make(map[string]string)}, code: made.Code,
		interactions: interaction.NewStore(w.Pool), optOuts: optout.NewStore(w.Pool, "CN"),
	}
	c.Desk = text.NewDesk(text.Parts{
		Pool: w.Pool, Links: w.Links, Locations: w.Locations, Region: "CN", Zone: shanghai(), Limits: limits,
		Logger: w.Logger, Metrics: metrics, Own: []string{"+8613700000000"},
	})
	c.carrier = text.NewCarrier(w.Pool, c.gateway, w.Logger, metrics)
	c.post = text.NewPost(w.Pool, c.optOuts, c.interactions)
	return c
}

// gateway notes what it is asked to send, by request id as the real one does.
type gateway struct {
	mu        sync.Mutex
	sent      map[string]string // body by request id
	order     []text.Outgoing
	cancelled []string
	err       error // of every call, while it is set
	late      bool
	told      chan struct{} // of each text that is sent, unless nil
}

func (g *gateway) Send(_ context.Context, o text.Outgoing) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return "", g.err
	}
	if _, known := g.sent[o.RequestID]; !known {
		g.sent[o.RequestID] = o.Body
		g.order = append(g.order, o)
		if g.told != nil {
			g.told <- struct{}{}
		}
	}
	return "texts/" + o.RequestID, nil
}

func (g *gateway) Cancel(_ context.Context, name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.late {
		return text.ErrTooLate
	}
	g.cancelled = append(g.cancelled, name)
	return g.err
}

// says receives a text and returns what is sent for it.
func (c *counter) says(t *testing.T, from, body string) (answers []string) {
	t.Helper()
	require.True(t, c.gets(t, from, body), "%q is not taken", body)
	return c.answers(t)
}

func (c *counter) gets(t *testing.T, from, body string) bool {
	t.Helper()
	c.texts++
	mine, err := c.Receive(t.Context(), text.Text{
		ID: fmt.Sprintf("%064x", c.texts), From: from, Time: crmtest.At(float64(c.texts)), Body: body,
	})
	require.NoError(t, err)
	return mine
}

func (c *counter) answers(t *testing.T) (answers []string) {
	t.Helper()
	before := len(c.gateway.order)
	require.NoError(t, c.carrier.Drain(t.Context()))
	for _, o := range c.gateway.order[before:] {
		answers = append(answers, o.Body)
	}
	return answers
}

func TestTrackIsAnswered(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	require.Equal(t, []string{"SO-1: Production has not begun yet. No time of delivery is promised yet."}, c.says(t, stranger, "track "+c.code))
	c.Happen(t, "SO-1", "commissioning", crmtest.At(1), crmtest.Station, "")
	require.Equal(t, []string{"SO-1：正在Works Assembly生产。自 5月6日 16:01 起（UTC+8）。送达时间待定。"}, c.says(t, "139 0000 0000", "查询"+c.code))

	o := c.gateway.order[1]
	require.Equal(t, stranger, o.To)
	require.True(t, o.Reply)

	wrong := c.says(t, stranger, "TRACK ZZZZ-ZZZZ")
	require.Len(t, wrong, 1)
	require.Contains(t, wrong[0], "not known")
	links, _, err := c.Links.List(t.Context(), "SO-1", 1, "")
	require.NoError(t, err)
	_, err = c.Links.Revoke(t.Context(), "SO-1", links[0].ID)
	require.NoError(t, err)
	require.Equal(t, wrong, c.says(t, stranger, "TRACK "+c.code), "a code that was one answers like one that never was")
	require.Contains(t, c.says(t, stranger, "track")[0], "TRACK and your code")
	require.Contains(t, c.says(t, stranger, "帮助")[0], "查询")
}

func TestWhatIsNotForTheDesk(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	for from, body := range map[string]string{
		stranger: "hello?", "10086": "TRACK " + c.code, "Operator": "HELP", "": "HELP", "+86106575258000": "STOP", "+8613700000000": "HELP",
	} {
		require.False(t, c.gets(t, from, body), "%s: %s", from, body)
	}
	var kept int
	require.NoError(t, c.Pool.QueryRow(t.Context(), `select count(*) from crm.interaction`).Scan(&kept))
	require.Zero(t, kept)
	require.Empty(t, c.says(t, buyer, "hello?"), "what a customer writes is for a person")
	page, _, err := c.interactions.Of(t.Context(), "acme", 10, "")
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, interaction.Kept, page[0].Outcome)
	require.Equal(t, "buyer", page[0].Contact)
}

func TestATextIsTakenOnce(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	same := text.Text{ID: "one", From: stranger, Time: crmtest.Start(), Body: "track " + c.code}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			mine, err := c.Receive(t.Context(), same)
			if err != nil || !mine {
				t.Errorf("%v %v", mine, err)
			}
		})
	}
	callers.Wait()
	require.Len(t, c.answers(t), 1)
	mine, err := c.Receive(t.Context(), same)
	require.NoError(t, err)
	require.True(t, mine)
	require.Empty(t, c.answers(t))
}

func TestTooManyAreToldOnce(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.Limits{Each: 2, All: 4, Window: time.Hour})
	for range 2 {
		require.Contains(t, c.says(t, stranger, "track "+c.code)[0], "SO-1")
	}
	require.Contains(t, c.says(t, stranger, "track "+c.code)[0], "later")
	require.Empty(t, c.says(t, stranger, "track "+c.code))
	require.Empty(t, c.says(t, stranger, "help"))

	// What STOP does is done all the same; where it is the last word, it is confirmed.
	require.Empty(t, c.says(t, stranger, "stop"))
	refuses, err := optout.Refuses(t.Context(), c.Pool, stranger)
	require.NoError(t, err)
	require.True(t, refuses)

	// Others are answered until all together are too many.
	c.Limits.All = 8
	for range 2 {
		require.Len(t, c.says(t, "+8613955555555", "help"), 1)
	}
	require.Contains(t, c.says(t, "+8613955555555", "stop")[0], "START")
	require.Empty(t, c.says(t, "+8613955555555", "help"))
	c.Limits.All = 7
	require.Contains(t, c.says(t, buyer, "查询"+c.code)[0], "SO-1")
	require.Empty(t, c.says(t, "+8613922222222", "track "+c.code))

	_, err = c.Pool.Exec(t.Context(), `update crm.interaction set record_time = record_time - interval '1 hour'`)
	require.NoError(t, err)
	require.Contains(t, c.says(t, stranger, "track "+c.code)[0], "SO-1")
}

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	write := func() (interaction.Interaction, error) {
		return c.post.Send(t.Context(), text.Message{Customer: "acme", Contact: "buyer", Body: "We come at nine.", Author: "Wang"})
	}
	sent, err := write()
	require.NoError(t, err)
	require.Equal(t, []string{"We come at nine."}, c.answers(t))

	_, err = write()
	require.NoError(t, err)
	require.Contains(t, c.says(t, buyer, " stop. ")[0], "START", "and the second message is withheld at the last moment")
	require.Equal(t, []string{"texts/" + sent.RequestID}, c.gateway.cancelled, "the first is taken back")
	require.Empty(t, c.says(t, buyer, "退订"), "it is confirmed once")
	require.Contains(t, c.says(t, buyer, "track "+c.code)[0], "SO-1", "who asks is answered")

	var refusal *text.OptedOutError
	_, err = write()
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, optout.ByText, refusal.SetBy)
	_, err = c.optOuts.Put(t.Context(), buyer, false, "Li", time.Now())
	require.NoError(t, err)
	_, err = write()
	require.NoError(t, err)
	require.Equal(t, []string{"We come at nine."}, c.answers(t))

	outcomes := make(map[interaction.Outcome]int)
	page, _, err := c.interactions.Of(t.Context(), "acme", 50, "")
	require.NoError(t, err)
	for _, i := range page {
		if i.Topic == interaction.Message {
			outcomes[i.Outcome]++
		}
	}
	require.Equal(t, map[interaction.Outcome]int{interaction.Withheld: 2, interaction.HandedOver: 1}, outcomes)
}

// A number that two customers share belongs to the one that a text is about.
func TestASharedNumber(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	_, err := c.Customers.CreateContact(t.Context(), customer.Contact{Customer: "rival", ID: "agent", DisplayName: "Agent", Phone: buyer}, "")
	require.NoError(t, err)
	c.says(t, buyer, "track "+c.code)
	c.says(t, buyer, "where is it?")
	of := func(customer string) (bodies []string) {
		page, _, err := c.interactions.Of(t.Context(), customer, 10, "")
		require.NoError(t, err)
		for _, i := range page {
			if i.Direction == interaction.In {
				bodies = append(bodies, i.Body)
			}
		}
		return bodies
	}
	require.Equal(t, []string{"where is it?", "track " + c.code}, of("acme"))
	require.Equal(t, []string{"where is it?"}, of("rival"))
}

// A service centre's clock that is ahead must not make a STOP last for ever.
func TestAStopOfTheFuture(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	for i, body := range []string{"stop", "start"} {
		_, err := c.Receive(t.Context(), text.Text{ID: fmt.Sprint(i), From: stranger, Time: time.Now().AddDate(1-i, 0, 0), Body: body})
		require.NoError(t, err)
	}
	refuses, err := optout.Refuses(t.Context(), c.Pool, stranger)
	require.NoError(t, err)
	require.False(t, refuses)
}

// Texts may be read in another order than they were sent in.
func TestTheNewestWillHolds(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	for i, s := range []struct {
		body string
		sent float64
	}{{"stop", 1}, {"stop", 5}, {"start", 3}} {
		mine, err := c.Receive(t.Context(), text.Text{ID: fmt.Sprint(i), From: stranger, Time: crmtest.At(s.sent), Body: s.body})
		require.NoError(t, err)
		require.True(t, mine)
	}
	will, err := c.optOuts.Get(t.Context(), stranger)
	require.NoError(t, err)
	require.Equal(t, optout.OptOut{Number: stranger, OptedOut: true, SetTime: crmtest.At(5), SetBy: optout.ByText}, will)
}

func TestTheGatewayMayBeAway(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	c.gateway.err = errors.New("away")
	require.True(t, c.gets(t, stranger, "help"))
	require.ErrorContains(t, c.carrier.Drain(t.Context()), "away")
	require.NoError(t, c.carrier.Drain(t.Context()), "what just failed waits its turn")
	c.gateway.err = nil
	_, err := c.Pool.Exec(t.Context(), `update crm.text_outbox set next_time = now()`)
	require.NoError(t, err)
	require.Len(t, c.answers(t), 1)

	// What it refuses for good holds up nothing, and what is too old isn't sent.
	require.True(t, c.gets(t, stranger, "help"))
	c.gateway.err = fmt.Errorf("no such number: %w", text.ErrRefused)
	require.NoError(t, c.carrier.Drain(t.Context()))
	c.gateway.err = nil
	require.True(t, c.gets(t, stranger, "help"))
	_, err = c.Pool.Exec(t.Context(), `update crm.text_outbox set expire_time = now()`)
	require.NoError(t, err)
	require.Empty(t, c.answers(t))
	page, _, err := c.interactions.All(t.Context(), stranger, 10, "")
	require.NoError(t, err)
	outcomes := make(map[interaction.Outcome]int)
	for _, i := range page {
		outcomes[i.Outcome]++
	}
	require.Equal(t, map[interaction.Outcome]int{
		interaction.Answered: 3, interaction.HandedOver: 1, interaction.Refused: 1, interaction.Expired: 1,
	}, outcomes)
}

// blind says where nothing is.
type blind struct{ err error }

func (b blind) GetIn(context.Context, string, string) (location.Location, error) {
	return location.Location{}, b.err
}

func TestATextWaitsForTracking(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	c.Desk.Locations = blind{tracking.ErrUnavailable}
	question := text.Text{ID: "one", From: stranger, Time: crmtest.Start(), Body: "track " + c.code}
	_, err := c.Receive(t.Context(), question)
	require.ErrorIs(t, err, tracking.ErrUnavailable)

	c.Desk.Locations = blind{crm.NotFound("it")} // For good: the text must not come for ever.
	mine, err := c.Receive(t.Context(), question)
	require.NoError(t, err)
	require.True(t, mine)
	require.Contains(t, c.answers(t)[0], "later")
}

// A running carrier hears of what is queued, and ends with its context.
func TestTheCarrierIsWoken(t *testing.T) {
	t.Parallel()
	c := newCounter(t, text.DefaultLimits())
	c.gateway.told = make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.carrier.Run(ctx) })
	require.True(t, c.gets(t, stranger, "help"))
	<-c.gateway.told
	cancel()
	running.Wait()
}
