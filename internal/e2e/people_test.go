package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	crmv1 "waybill/proto/waybill/crm/v1"
)

// Numbers of people.
const (
	buyerNumber    = "+8613911111111"
	strangerNumber = "+8613922222222"
)

// phones is an emulated modem, through which people with phones reach us.
type phones struct {
	*process
	modem string
}

func (w *world) phones(t *testing.T) phones {
	t.Helper()
	modem := filepath.Join(w.dir, "modem")
	p := phones{process: launch(t, "modem", "emulate", "--path", modem), modem: modem}
	t.Cleanup(func() { require.NoError(t, p.stop()) })
	return p
}

// asks has somebody text us, and waits for what they are answered.
func (w *world) asks(t *testing.T, p phones, from, text, answer string) {
	t.Helper()
	seen := p.expect("to " + from + ": " + answer)
	w.text(t, p.modem, from, text)
	select {
	case <-seen:
	case <-time.After(patience):
		t.Fatalf("%s was not answered %q to %q; the modem sent:\n%s", from, answer, text, p.output())
	}
}

// told is how many texts the number was sent.
func (p phones) told(number string) int { return strings.Count(p.output(), "to "+number+": ") }

// interactions are those of acme, the newest first.
func (w *world) interactions(t *testing.T) []*crmv1.Interaction {
	t.Helper()
	client := crmv1.NewInteractionServiceClient(dial(t, w.grpc, w.admin))
	r, err := client.ListInteractions(t.Context(), &crmv1.ListInteractionsRequest{Parent: "customers/acme"})
	require.NoError(t, err)
	return r.GetInteractions()
}

// buyer gives acme a contact with a phone, and its order a code to ask by.
func (w *world) buyer(t *testing.T) (code string) {
	t.Helper()
	_, err := w.customers.CreateContact(t.Context(), &crmv1.CreateContactRequest{
		Parent: "customers/acme", ContactId: "buyer", Contact: &crmv1.Contact{DisplayName: "Buyer", Phone: buyerNumber},
	})
	require.NoError(t, err)
	made, err := w.links.CreateTrackingLink(t.Context(), &crmv1.CreateTrackingLinkRequest{Parent: w.order})
	require.NoError(t, err)
	return made.GetTrackingLink().GetCode()
}

// TestCustomersAskByText has people text us: TRACK, STOP, too much, and nothing that we
// know.
func TestCustomersAskByText(t *testing.T) {
	t.Parallel()
	w := newStack(t).world(t)
	code := w.buyer(t)
	w.happen(t, &crmv1.Event{BizStep: "commissioning", ReadPoint: "facilities/works/stations/final-assembly"})
	p := w.phones(t)
	limits := []string{"--text-each", "3", "--text-zone", "Asia/Shanghai", "--text-number", "+8613800000000"}
	if *split {
		w.relaunch(t, "crm", limits...)
	}
	w.relaunch(t, w.gateway(), append([]string{"--modem-path", p.modem, "--modem-per-minute", "6000"}, limits...)...)

	w.asks(t, p, buyerNumber, "track "+strings.ToLower(code), "SO-1001: Being made at Final assembly, Suzhou works. Since ")
	w.asks(t, p, strangerNumber, "TRACK ZZZZ-ZZZZ", "That code is not known")
	w.asks(t, p, buyerNumber, "Stop!", "You get no more messages from us.")

	texts := crmv1.NewTextServiceClient(dial(t, w.grpc, w.admin))
	_, err := texts.SendCustomerText(t.Context(), &crmv1.SendCustomerTextRequest{Name: "customers/acme/contacts/buyer", Body: "We come at nine."})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "START")

	// What is asked for is answered still, until it is too much. Two that are alike to
	// the letter, of one second, are one text.
	w.asks(t, p, buyerNumber, "TRACK "+code, "SO-1001: ")
	w.asks(t, p, buyerNumber, "TRACK "+code+"?", "These are more texts than we can answer")
	w.text(t, p.modem, buyerNumber, "TRACK "+code+"!")
	w.text(t, p.modem, buyerNumber, "Where is it?")
	// Neither our own number, nor a service, nor a stranger who asks for nothing.
	for from, said := range map[string]string{"+8613800000000": "HELP", "10086": "TRACK " + code, "+8613933333333": "hello"} {
		w.text(t, p.modem, from, said)
	}
	w.asks(t, p, strangerNumber, "START", "You get our messages again.")

	require.Eventually(t, func() bool { return reasons(w.rejected(t))["unknown_device"] == 3 }, patience, 50*time.Millisecond)
	require.Eventually(t, func() bool { return len(w.interactions(t)) == 10 }, patience, 50*time.Millisecond)
	require.Equal(t, 4, p.told(buyerNumber))
	require.Equal(t, 2, p.told(strangerNumber))
	for _, nobody := range []string{"+8613800000000", "10086", "+8613933333333"} {
		require.Zero(t, p.told(nobody))
	}

	outcomes := make(map[string]int)
	for _, i := range w.interactions(t) {
		require.Equal(t, "customers/acme/contacts/buyer", i.GetContact())
		outcomes[i.GetOutcome()]++
		if i.GetDirection() == crmv1.Direction_DIRECTION_OUT {
			require.Contains(t, []string{"sent", "delivered"}, i.GetDelivery())
		}
	}
	require.Equal(t, map[string]int{"answered": 3, "too_many": 1, "silent": 1, "kept": 1, "handed_over": 4}, outcomes)

	// The customer's own list is the same by the command line, and a staff member ends the opt-out.
	listed := w.waybill(t, "customer", "interactions", "acme", "--server", w.grpc, "--token", w.admin)
	require.Contains(t, listed, "Where is it?")
	require.Contains(t, w.waybill(t, "customer", "opt-out", buyerNumber, "--set", "in", "--server", w.grpc, "--token", w.admin), "wants messages")
	seen := p.expect("to " + buyerNumber + ": We come at nine.")
	require.Contains(t, w.waybill(t, "customer", "text", "customers/acme/contacts/buyer", "We come at nine.", "--server", w.grpc, "--token", w.admin), "1 SMS")
	select {
	case <-seen:
	case <-time.After(patience):
		t.Fatalf("the message did not go out; the modem sent:\n%s", p.output())
	}
	require.NoError(t, w.processes[w.gateway()].stop())
	require.Contains(t, gammu(t, p.modem, "getallsms"), "0 SMS parts in 0 SMS sequences")
}

// TestAKilledAnswerGoesOutOnce kills crm with -9 after it has committed a text and
// before the gateway has its answer, and has the text come again. With crm away, texts
// stay where they are.
func TestAKilledAnswerGoesOutOnce(t *testing.T) {
	t.Parallel()
	s := &stack{
		dir: reachableDir(t), http: freeAddress(t), grpc: freeAddress(t), mqtt: freeAddress(t),
		processes: make(map[string]*process), arguments: make(map[string][]string),
	}
	s.startDatabase(t)
	s.database = s.cluster.URL()
	t.Cleanup(func() { require.NoError(t, s.cluster.Close()) })
	s.split(t, nil)
	s.admin = s.token(t, "admin")
	w := s.world(t)
	code := w.buyer(t)
	p := w.phones(t)

	// The gateway is away, so the answer waits.
	require.NoError(t, w.processes["gateway"].stop())
	texts := crmv1.NewTextServiceClient(dial(t, w.grpc, w.token(t, "peer")))
	question := &crmv1.ReceiveTextRequest{
		TextId: strings.Repeat("a", 64), From: buyerNumber, SendTime: stamp(time.Now().Add(-time.Second)), Body: "TRACK " + code,
	}
	taken, err := texts.ReceiveText(t.Context(), question)
	require.NoError(t, err)
	require.True(t, taken.GetTaken())
	waiting := func() int {
		n := 0
		for _, i := range w.interactions(t) {
			if i.GetOutcome() == "waiting" {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, waiting())
	w.crash(t, "crm")
	require.Equal(t, 1, waiting())
	taken, err = texts.ReceiveText(t.Context(), question)
	require.NoError(t, err)
	require.True(t, taken.GetTaken())

	answered := p.expect("to " + buyerNumber + ": SO-1001: ")
	w.processes["gateway"] = launch(t, append(w.arguments["gateway"],
		"--modem-path", p.modem, "--modem-per-minute", "6000", "--modem-sweep", "1s")...)
	select {
	case <-answered:
	case <-time.After(patience):
		t.Fatalf("the answer did not go out; the modem sent:\n%s", p.output())
	}
	// Once more, and a text behind it whose answer comes when that one's would have.
	_, err = texts.ReceiveText(t.Context(), question)
	require.NoError(t, err)
	w.crash(t, "crm")
	w.asks(t, p, buyerNumber, "help", "Text TRACK and your code")
	require.Equal(t, 2, p.told(buyerNumber))
	require.Len(t, w.interactions(t), 4)

	// With crm away a text stays on the SIM.
	require.NoError(t, w.processes["crm"].stop())
	stays, answered := w.processes["gateway"].expect("stays on the SIM"), p.expect("to "+buyerNumber+": 发送“查询”")
	w.text(t, p.modem, buyerNumber, "帮助")
	for _, c := range []<-chan struct{}{stays, answered} {
		select {
		case <-c:
		case <-time.After(patience):
			t.Fatalf("the gateway did not keep the text, or did not hand it over again; the modem sent:\n%s", p.output())
		}
		if c == stays {
			w.processes["crm"] = launch(t, w.arguments["crm"]...)
		}
	}
}
