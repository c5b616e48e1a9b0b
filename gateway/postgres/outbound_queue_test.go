package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
)

const number = "+8613800138000"

// lab is a queue with what a dispatcher does with it.
type lab struct {
	*postgres.Outbound
	pool *pgxpool.Pool
	desk *outbound.Desk
}

func newLab(t *testing.T) *lab {
	t.Helper()
	pool := pgtest.New(t)
	queue := postgres.NewOutbound(pool)
	return &lab{Outbound: queue, pool: pool, desk: &outbound.Desk{Store: queue, Region: "CN"}}
}

func (l *lab) send(t *testing.T, body string, p outbound.Priority) outbound.Text {
	t.Helper()
	text, err := l.desk.Send(t.Context(), outbound.Request{To: number, Body: body, Priority: p})
	require.NoError(t, err)
	return text
}

func claimant(sim string) outbound.Claimant {
	return outbound.Claimant{Modem: "m" + sim, SIM: sim, Owner: "me", Lease: time.Minute}
}

func (l *lab) claim(t *testing.T, sim string) (outbound.Text, bool) {
	t.Helper()
	text, found, err := l.Claim(t.Context(), claimant(sim), time.Now())
	require.NoError(t, err)
	return text, found
}

// take claims a text and has the network take its part.
func (l *lab) take(t *testing.T, sim string, reference int) outbound.Text {
	t.Helper()
	text, found := l.claim(t, sim)
	require.True(t, found)
	require.NoError(t, l.Settle(t.Context(), text, outbound.Outcome{Fate: outbound.Taken, Reference: reference, Time: time.Now()}))
	return l.get(t, text.UID)
}

func (l *lab) get(t *testing.T, uid string) outbound.Text {
	t.Helper()
	text, err := l.Get(t.Context(), uid)
	require.NoError(t, err)
	return text
}

func (l *lab) report(t *testing.T, sim string, reference int, status sms.ReportStatus) outbound.Use {
	t.Helper()
	now := time.Now()
	use, err := l.Note(t.Context(), outbound.Report{
		Report: sms.Report{Reference: reference, Recipient: number, SentTime: now, ReportTime: now, Status: status}, SIM: sim, Received: now,
	})
	require.NoError(t, err)
	return use
}

func TestNobodySendsWhatAnotherHas(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range 40 {
		l.send(t, "x", outbound.Notice)
	}
	var all sync.WaitGroup
	claimed := make(chan string, 100)
	for i := range 4 {
		all.Go(func() {
			for {
				text, found, err := l.Claim(t.Context(), claimant(fmt.Sprint(i)), time.Now())
				if err != nil {
					t.Error(err)
				}
				if !found || err != nil {
					return
				}
				claimed <- text.UID
			}
		})
	}
	all.Wait()
	close(claimed)
	seen := make(map[string]bool)
	for uid := range claimed {
		require.False(t, seen[uid])
		seen[uid] = true
	}
	require.Len(t, seen, 40)
}

func TestCommandsGoBeforeAFloodOfNotices(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	long := l.send(t, strings.Repeat("long ", 100), outbound.Notice)
	for range 20 {
		l.send(t, "notice", outbound.Notice)
	}
	require.Equal(t, outbound.Queued, l.take(t, "1", 1).State)
	reply := l.send(t, "reply", outbound.Reply)
	command := l.send(t, "command", outbound.Command)
	require.Equal(t, command.UID, l.take(t, "1", 2).UID, "even between the parts of another")
	require.Equal(t, reply.UID, l.take(t, "1", 3).UID)
	other := l.take(t, "2", 4)
	require.NotEqual(t, long.UID, other.UID, "the rest goes by the SIM that the first part went by")
	next, _ := l.claim(t, "1")
	require.Equal(t, long.UID, next.UID, "what was begun goes before what was not")
	require.Equal(t, 1, next.PartsSent)
}

func TestReports(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	text := l.send(t, strings.Repeat("long ", 50), outbound.Notice)
	l.take(t, "1", 7)
	sent := l.take(t, "1", 8)
	require.Equal(t, outbound.Sent, sent.State)
	require.Equal(t, 2, sent.PartsSent)
	require.Equal(t, outbound.Used, l.report(t, "1", 7, 0x30))
	require.Equal(t, "not delivered yet; the network tries again", l.get(t, text.UID).Detail)
	require.Equal(t, outbound.Used, l.report(t, "1", 7, 0))
	require.Equal(t, outbound.Repeated, l.report(t, "1", 7, 0))
	require.Equal(t, outbound.Sent, l.get(t, text.UID).State)
	require.Equal(t, outbound.Nobodys, l.report(t, "2", 8, 0), "another SIM")
	require.Equal(t, outbound.Nobodys, l.report(t, "1", 9, 0))
	require.Equal(t, outbound.Used, l.report(t, "1", 8, 1))
	got := l.get(t, text.UID)
	require.Equal(t, outbound.Delivered, got.State)
	require.False(t, got.EndTime.IsZero())
	require.False(t, got.DeliveryTime.IsZero())

	lost := l.send(t, "x", outbound.Notice)
	l.take(t, "1", 7) // The reference comes again.
	require.Equal(t, outbound.Used, l.report(t, "1", 7, 0x46))
	got = l.get(t, lost.UID)
	require.Equal(t, outbound.Failed, got.State)
	require.Equal(t, "report-70", got.Code)
	require.Contains(t, got.Detail, "its time was over")
	require.Equal(t, outbound.Delivered, l.get(t, text.UID).State)
}

// Both come at once, and the text is delivered whichever is first.
func TestReportsOfPartsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	text := l.send(t, strings.Repeat("long ", 50), outbound.Notice)
	l.take(t, "1", 1)
	l.take(t, "1", 2)
	var all sync.WaitGroup
	for ref := 1; ref <= 2; ref++ {
		all.Go(func() {
			now := time.Now()
			_, err := l.Note(t.Context(), outbound.Report{Report: sms.Report{Reference: ref, Recipient: number, SentTime: now}, SIM: "1", Received: now})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Equal(t, outbound.Delivered, l.get(t, text.UID).State)
}

func TestAReportBeforeItsReference(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(t, "x", outbound.Notice)
	text, _ := l.claim(t, "1")
	require.Equal(t, outbound.Early, l.report(t, "1", 5, 0))
	require.NoError(t, l.Settle(t.Context(), text, outbound.Outcome{Fate: outbound.Taken, Reference: 5, Time: time.Now()}))
	require.Equal(t, outbound.Delivered, l.get(t, text.UID).State)
}

func TestChangesAreFenced(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(t, "x", outbound.Notice)
	text, _ := l.claim(t, "1")
	_, err := l.Cancel(t.Context(), text.UID, time.Now())
	require.ErrorIs(t, err, outbound.ErrHandedOver)

	// Nobody renews the claim, so another process ends it: it may have been sent.
	_, err = l.pool.Exec(t.Context(), `update gateway.outbound_text set lease_time = now() - interval '1 second'`)
	require.NoError(t, err)
	swept, err := l.Sweep(t.Context(), time.Now(), false)
	require.NoError(t, err)
	require.Zero(t, swept[outbound.Unknown])
	require.NoError(t, l.Renew(t.Context(), "another", time.Minute))
	swept, err = l.Sweep(t.Context(), time.Now(), true)
	require.NoError(t, err)
	require.Equal(t, 1, swept[outbound.Unknown])
	for _, fate := range []outbound.Fate{outbound.Taken, outbound.Deferred, outbound.Kept, outbound.Rejected, outbound.Lost} {
		require.ErrorIs(t, l.Settle(t.Context(), text, outbound.Outcome{Fate: fate, Time: time.Now()}), outbound.ErrOutrun)
	}
	require.Equal(t, outbound.Unknown, l.get(t, text.UID).State)
	_, found := l.claim(t, "1")
	require.False(t, found, "it is never sent again")
}

func TestRefusedIsSentAgainFromThePartThatWas(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(t, strings.Repeat("long ", 50), outbound.Notice)
	l.take(t, "1", 1)
	text, _ := l.claim(t, "1")
	now := time.Now()
	require.NoError(t, l.Settle(t.Context(), text, outbound.Outcome{Fate: outbound.Deferred, Time: now, NextTime: now.Add(time.Hour), Code: "cms-500", Detail: "why"}))
	got := l.get(t, text.UID)
	require.Equal(t, []any{outbound.Queued, "cms-500", 1, 2, 1}, []any{got.State, got.Code, got.Failures, got.Attempts, got.PartsSent})
	_, found := l.claim(t, "1")
	require.False(t, found, "not before its time")
	text, found, err := l.Claim(t.Context(), claimant("1"), now.Add(2*time.Hour))
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 1, text.PartsSent, "the first part is not sent again")
}

func TestTimeEndsTexts(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	waits := l.send(t, "x", outbound.Command)
	now := time.Now()
	_, found, err := l.Claim(t.Context(), claimant("1"), now.Add(time.Hour))
	require.NoError(t, err)
	require.False(t, found, "what has expired is not sent")
	sent := l.take(t, "1", 1)
	require.Equal(t, waits.UID, sent.UID)
	waits = l.send(t, "y", outbound.Command)
	_, err = l.Sweep(t.Context(), now.Add(20*time.Minute), true)
	require.NoError(t, err)
	require.Equal(t, outbound.Expired, l.get(t, waits.UID).State)
	require.Equal(t, outbound.Sent, l.get(t, sent.UID).State, "its report may be on the way")
	_, err = l.Sweep(t.Context(), now.Add(time.Hour), true)
	require.NoError(t, err)
	require.Equal(t, outbound.Expired, l.get(t, sent.UID).State)
	require.Equal(t, outbound.Used, l.report(t, "1", 1, 0), "late")
	late := l.get(t, sent.UID)
	require.Equal(t, outbound.Expired, late.State, "an end is an end")
	require.False(t, late.DeliveryTime.IsZero())
	depths, err := l.Depths(t.Context())
	require.NoError(t, err)
	require.Empty(t, depths)
	_, err = l.Sweep(t.Context(), now.Add(100*24*time.Hour), true)
	require.NoError(t, err)
	_, err = l.Get(t.Context(), sent.UID)
	require.Error(t, err, "what ended long ago is not kept")
}
