package modem_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	wsms "github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem"
	"waybill/gateway/modem/charset"
	"waybill/gateway/modem/sms"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
)

// assembled has long texts put together in a database of the test's own.
func assembled(t *testing.T, handler modem.Handler) *modem.Assembler {
	t.Helper()
	a := modem.NewAssembler(modem.AssemblerConfig{Store: postgres.New(pgtest.New(t), postgres.Bounds{}), Handler: handler})
	run(t, a.Run)
	return a
}

// cut gives a text as the parts that a modem reads.
func cut(t *testing.T, from, text string, sent time.Time) []modem.Part {
	t.Helper()
	charset.Prepare()
	tpdus, err := wsms.NewEncoder(wsms.AsDeliver, wsms.From(from)).Encode([]byte(text))
	require.NoError(t, err)
	parts := make([]modem.Part, len(tpdus))
	for i, p := range tpdus {
		p.SCTS = tpdu.Timestamp{Time: sent}
		raw, err := p.MarshalBinary()
		require.NoError(t, err)
		pdu := "00" + strings.ToUpper(hex.EncodeToString(raw))
		part, err := sms.Decode(pdu)
		require.NoError(t, err)
		parts[i] = modem.Part{Modem: "one", SIM: "460001", From: part.From, SentTime: part.SentTime, Concat: part.Concat, PDU: pdu}
	}
	return parts
}

// TestALongTextIsGivenUpAndStillTakenWhenItComes: what is missing is told, and a late part makes it whole.
func TestALongTextIsGivenUpAndStillTakenWhenItComes(t *testing.T) {
	t.Parallel()
	in := newInbox()
	a := modem.NewAssembler(modem.AssemblerConfig{
		Store: postgres.New(pgtest.New(t), postgres.Bounds{}), Handler: in, Wait: time.Nanosecond, Interval: 10 * time.Millisecond,
	})
	text := strings.Repeat("货在哪里🚚", 40)
	sent := time.Date(2026, 4, 5, 6, 0, 0, 0, time.UTC)
	parts := cut(t, "+8613800138000", text, sent)
	require.Len(t, parts, 4)
	require.NoError(t, a.KeepParts(t.Context(), []modem.Part{parts[3], parts[0], parts[0]}))
	run(t, a.Run)
	got := in.next(t)
	var incomplete *modem.IncompleteError
	require.ErrorAs(t, got.Problem, &incomplete)
	require.ErrorContains(t, got.Problem, "2 of the 4 parts")
	require.Equal(t, 4, incomplete.Total)
	require.Len(t, incomplete.Pieces, 2)
	require.Equal(t, []int{1, 1, 4, 4}, []int{incomplete.Pieces[0].First, incomplete.Pieces[0].Last, incomplete.Pieces[1].First, incomplete.Pieces[1].Last})
	require.True(t, strings.HasPrefix(text, strings.TrimRight(incomplete.Pieces[0].Body, "\uFFFD")))
	require.Equal(t, "+8613800138000", got.From)

	require.NoError(t, a.KeepParts(t.Context(), []modem.Part{parts[2], parts[1]}))
	whole := in.next(t)
	require.NoError(t, whole.Problem)
	require.Equal(t, text, whole.Body)
	require.Equal(t, sent, whole.SentTime)
	require.NotEqual(t, got.ID, whole.ID)
	require.NoError(t, a.KeepParts(t.Context(), parts))
	require.Empty(t, in.texts)
}

// TestALongTextWaitsForTheStoreAndNotForABug: it comes again while the store is away, and one that always fails is kept
// as what it is and holds up no other.
func TestALongTextWaitsForTheStoreAndNotForABug(t *testing.T) {
	t.Parallel()
	in := newInbox()
	var away atomic.Bool
	away.Store(true)
	refused := make(chan struct{}, 1000)
	a := modem.NewAssembler(modem.AssemblerConfig{
		Store: postgres.New(pgtest.New(t), postgres.Bounds{}), Interval: time.Millisecond,
		Handler: handlerFunc(func(ctx context.Context, text modem.Text) error {
			switch {
			case away.Load():
				refused <- struct{}{}
				return tracking.ErrUnavailable
			case strings.HasPrefix(text.Body, "poison") && text.Problem == nil:
				return errors.New("a bug")
			}
			return in.HandleText(ctx, text)
		}),
	})
	run(t, a.Run)
	now := time.Now().UTC().Truncate(time.Second)
	require.NoError(t, a.KeepParts(t.Context(), cut(t, "+861", strings.Repeat("poison ", 40), now)))
	require.NoError(t, a.KeepParts(t.Context(), cut(t, "+862", strings.Repeat("good ", 40), now)))
	<-refused
	<-refused
	away.Store(false)
	require.Equal(t, strings.Repeat("good ", 40), in.next(t).Body)
	got := in.next(t)
	require.ErrorIs(t, got.Problem, modem.ErrFails)
	require.Equal(t, strings.Repeat("poison ", 40), got.Body)
}
