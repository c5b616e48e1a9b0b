package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway/outbound"
)

const (
	// reportGrace is how long after its expiry a text waits for the network to say that it expired.
	reportGrace = 10 * time.Minute
	// earlyFor is how long a report waits for the reference of its part to be committed.
	earlyFor = time.Hour
	// keptFor is how long texts are kept after their end. Those of commands are kept with them.
	keptFor = 90 * 24 * time.Hour
)

// ending is one way in which time ends a text.
type ending struct {
	state outbound.State
	query string
	args  []any
}

// Sweep implements [outbound.Queue].
func (o *Outbound) Sweep(ctx context.Context, now time.Time, orphans bool) (outbound.Swept, error) {
	endings := []ending{
		{outbound.Expired, `update gateway.outbound_text set state = 'expired', end_time = $1, version = version + 1,
			detail = 'its time was over before it was sent' || case when detail = '' then '' else ': ' || detail end
			where state = 'queued' and expire_time <= $1`, []any{now}},
		{outbound.Expired, `update gateway.outbound_text set state = 'expired', end_time = $1, version = version + 1,
			detail = 'it was sent, and nobody confirmed in time that it arrived; it may have'
			where state = 'sent' and greatest(expire_time + $2::interval, sent_time + coalesce(answer_within, interval '0')) <= $1`, []any{now, reportGrace}},
		{outbound.Delivered, `update gateway.outbound_text set end_time = $1, version = version + 1, detail = 'it arrived, and the unit did not answer in time'
			where state = 'delivered' and end_time is null and sent_time + answer_within <= $1`, []any{now}},
	}
	if orphans {
		endings = append(endings, ending{outbound.Unknown, `update gateway.outbound_text set state = 'unknown', end_time = $1, version = version + 1,
			code = 'lost', detail = 'the gateway was ended while a modem had the text: it may have been sent; ask the receiver, and send it anew if it was not'
			where state = 'sending' and lease_time < now()`, []any{now}})
	}
	swept := make(outbound.Swept)
	err := o.in(ctx, "sweep texts", func(tx pgx.Tx) error {
		for _, e := range endings {
			tag, err := tx.Exec(ctx, e.query, e.args...)
			if err != nil {
				return err
			}
			swept[e.state] += int(tag.RowsAffected())
		}
		if _, err := tx.Exec(ctx, `delete from gateway.early_report where receive_time < $1`, now.Add(-earlyFor)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from gateway.outbound_text where id in (
			select t.id from gateway.outbound_text t where t.end_time < $1
			and not exists (select from gateway.command c where c.text_id = t.id) limit 1000)`, now.Add(-keptFor))
		return err
	})
	return swept, err
}
