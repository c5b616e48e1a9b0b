package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
)

func newDesk(t *testing.T) (*outbound.Desk, *postgres.Outbound) {
	t.Helper()
	queue := postgres.NewOutbound(pgtest.New(t))
	return &outbound.Desk{Store: queue, Region: "CN"}, queue
}

func TestSentAgainItIsTheSameText(t *testing.T) {
	t.Parallel()
	desk, queue := newDesk(t)
	request := outbound.Request{RequestID: "r1", To: "138 0013 8000", Body: "货到了", Priority: outbound.Reply, Creator: "desk"}
	uids := make([]string, 8)
	var all sync.WaitGroup
	for i := range uids {
		all.Go(func() {
			text, err := desk.Send(t.Context(), request)
			if err != nil {
				t.Error(err)
			}
			uids[i] = text.UID
		})
	}
	all.Wait()
	for _, uid := range uids {
		require.Equal(t, uids[0], uid)
	}
	text, err := queue.Get(t.Context(), uids[0])
	require.NoError(t, err)
	require.Equal(t, "+8613800138000", text.To)
	require.Equal(t, outbound.Queued, text.State)
	require.Equal(t, sms.Cost{Encoding: sms.UCS2, Characters: 3, Parts: 1}, text.Cost)
	require.Equal(t, "desk", text.Creator)

	request.Body = "another"
	_, err = desk.Send(t.Context(), request)
	require.ErrorIs(t, err, tracking.ErrExists)
	request.RequestID = ""
	other, err := desk.Send(t.Context(), request)
	require.NoError(t, err)
	require.NotEqual(t, text.UID, other.UID)

	page, err := queue.List(t.Context(), outbound.Filter{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, other.UID, page[0].UID)
	page, err = queue.List(t.Context(), outbound.Filter{Before: other.Key, State: outbound.Queued, To: "+8613800138000", Limit: 5})
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, text, page[0])
}

func TestOnlyWhatCanBeSentIsQueued(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk(t)
	for field, r := range map[string]outbound.Request{
		"to":          {To: "Operator", Body: "x"},
		"body":        {To: "+8613800138000"},
		"priority":    {To: "+8613800138000", Body: "x", Priority: 9},
		"expire_time": {To: "+8613800138000", Body: "x", ExpireTime: time.Unix(1, 0)},
		"request_id":  {To: "+8613800138000", Body: "x", RequestID: strings.Repeat("x", 300)},
	} {
		_, err := desk.Send(t.Context(), r)
		var wrong *tracking.FieldError
		require.ErrorAs(t, err, &wrong, field)
		require.Equal(t, field, wrong.Field)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	desk, queue := newDesk(t)
	text, err := desk.Send(t.Context(), outbound.Request{To: "+8613800138000", Body: "x"})
	require.NoError(t, err)
	text, err = queue.Cancel(t.Context(), text.UID, time.Now())
	require.NoError(t, err)
	require.Equal(t, outbound.Cancelled, text.State)
	require.False(t, text.EndTime.IsZero())
	_, err = queue.Cancel(t.Context(), text.UID, time.Now())
	require.NoError(t, err, "it is as it should be")
	_, err = queue.Cancel(t.Context(), "nosuch", time.Now())
	require.ErrorIs(t, err, tracking.ErrNotFound)
}

func TestAFullQueueOfNoticesTakesCommands(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	desk := &outbound.Desk{Store: postgres.NewOutbound(pool), Region: "CN"}
	_, err := pool.Exec(t.Context(), fmt.Sprintf(`
		insert into gateway.outbound_text (uid, recipient, body, shown_body, priority, encoding, characters, parts, create_time, next_time, expire_time)
		select 'n' || n, '+8613800138000', 'x', 'x', %d, 'gsm7', 1, 1, now(), now(), now() + interval '1 day' from generate_series(1, 10000) n`, outbound.Notice))
	require.NoError(t, err)
	_, err = desk.Send(t.Context(), outbound.Request{To: "+8613800138000", Body: "x"})
	require.ErrorIs(t, err, outbound.ErrFull)
	_, err = desk.Send(t.Context(), outbound.Request{To: "+8613800138000", Body: "x", Priority: outbound.Command})
	require.NoError(t, err)
}
