package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway/outbound"
)

// Commands before replies before notices, what was begun before what was not, then the oldest. Of a text that was begun
// the rest goes by the same SIM.
const claimText = `
update gateway.outbound_text as t set state = 'sending', version = version + 1, attempts = attempts + 1,
    modem = $1, sim = $2, owner = $3, lease_time = now() + $4
where t.id = (
    select id from gateway.outbound_text
    where state = 'queued' and next_time <= $5 and expire_time > $5 and (parts_sent = 0 or sim = $2)
    order by priority, parts_sent = 0, id limit 1
    for update skip locked)
returning ` + textColumns

// Claim implements [outbound.Queue].
func (o *Outbound) Claim(ctx context.Context, by outbound.Claimant, now time.Time) (text outbound.Text, found bool, err error) {
	err = o.in(ctx, "claim a text", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, claimText, by.Modem, by.SIM, by.Owner, by.Lease, now)
		if err != nil {
			return err
		}
		texts, err := pgx.CollectRows(rows, scanText)
		if found = err == nil && len(texts) > 0; found {
			text = texts[0]
		}
		return err
	})
	return text, found && err == nil, err
}

// Settle implements [outbound.Queue].
func (o *Outbound) Settle(ctx context.Context, text outbound.Text, outcome outbound.Outcome) error {
	return o.in(ctx, "note what became of a text", func(tx pgx.Tx) error {
		switch outcome.Fate {
		case outbound.Taken:
			return took(ctx, tx, text, outcome)
		case outbound.Kept:
			return fenced(ctx, tx, `state = 'queued', attempts = attempts - 1, next_time = $3`, text, outcome.NextTime)
		case outbound.Deferred:
			return fenced(ctx, tx, `state = 'queued', failures = failures + $6, next_time = $3, code = $4, detail = $5`,
				text, outcome.NextTime, outcome.Code, outcome.Detail, blame(outcome))
		case outbound.Rejected:
			return fenced(ctx, tx, `state = 'failed', failures = failures + 1, end_time = $3, code = $4, detail = $5`,
				text, outcome.Time, outcome.Code, outcome.Detail)
		case outbound.Lost:
		}
		return fenced(ctx, tx, `state = 'unknown', end_time = $3, code = $4, detail = $5`, text, outcome.Time, outcome.Code, outcome.Detail)
	})
}

// blame is how much a refusal counts against the text.
func blame(o outbound.Outcome) int {
	if o.Blameless {
		return 0
	}
	return 1
}

// fenced changes a text that is as it was claimed.
func fenced(ctx context.Context, tx pgx.Tx, set string, text outbound.Text, args ...any) error {
	tag, err := tx.Exec(ctx, `update gateway.outbound_text set version = version + 1, owner = '', lease_time = null, `+set+`
		where id = $1 and version = $2 and state = 'sending'`, append([]any{text.Key, text.Version}, args...)...)
	if err == nil && tag.RowsAffected() == 0 {
		return outbound.ErrOutrun
	}
	return err
}

// took notes that the network has a part, with what was heard of it already.
func took(ctx context.Context, tx pgx.Tx, text outbound.Text, outcome outbound.Outcome) error {
	err := fenced(ctx, tx, `parts_sent = parts_sent + 1, failures = 0, code = '', detail = '', next_time = $3,
		state = case when parts_sent + 1 < parts then 'queued' else 'sent' end,
		sent_time = case when parts_sent + 1 < parts then null else $3::timestamptz end`, text, outcome.Time)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into gateway.outbound_part (text_id, number, modem, sim, reference, recipient, sent_time)
		select id, parts_sent, modem, sim, $2, recipient, $3 from gateway.outbound_text where id = $1`, text.Key, outcome.Reference, outcome.Time)
	if err != nil {
		return err
	}
	if err := useEarly(ctx, tx, text.Key); err != nil {
		return err
	}
	return conclude(ctx, tx, text.Key, outcome.Time)
}

// conclude moves a text that was sent to where its reports and its answer have brought it. It ends there, unless a
// unit's answer is still awaited.
func conclude(ctx context.Context, tx pgx.Tx, key int64, now time.Time) error {
	// Locked by a statement of its own: the next one has to see what the transaction that we waited for has written.
	if _, err := tx.Exec(ctx, `select from gateway.outbound_text where id = $1 for update`, key); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
with facts as (
    select t.id, t.parts, t.parts_sent,
        exists (select from gateway.command c where c.text_id = t.id and c.answer_time is not null) as answered,
        count(p.*) filter (where p.status between 0 and 31) as arrived,
        max(p.report_time) filter (where p.status between 0 and 31) as arrived_time,
        min(p.status) filter (where p.status >= 64) as lost
    from gateway.outbound_text t left join gateway.outbound_part p on p.text_id = t.id
    where t.id = $1 and t.end_time is null and t.state in ('queued', 'sent', 'delivered') and t.parts_sent > 0
    group by t.id, t.parts, t.parts_sent)
update gateway.outbound_text t set version = version + 1, parts_arrived = f.arrived,
    delivery_time = case when f.arrived = f.parts then f.arrived_time else t.delivery_time end,
    state = case when f.answered and f.parts_sent = f.parts then 'answered' when f.lost is not null then 'failed'
        when f.arrived = f.parts then 'delivered' else t.state end,
    end_time = case when f.answered and f.parts_sent = f.parts or f.lost is not null or f.arrived = f.parts and t.answer_within is null
        then $2::timestamptz end,
    code = case when f.lost is not null and not f.answered then 'report-' || f.lost else t.code end
from facts f where t.id = f.id`, key, now)
	return err
}

// Renew implements [outbound.Queue].
func (o *Outbound) Renew(ctx context.Context, owner string, lease time.Duration) error {
	_, err := o.pool.Exec(ctx, `update gateway.outbound_text set lease_time = now() + $2 where state = 'sending' and owner = $1`, owner, lease)
	return sent("renew claims", err)
}

// Depths implements [outbound.Queue].
func (o *Outbound) Depths(ctx context.Context) (depths []outbound.Depth, err error) {
	err = o.in(ctx, "count texts", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select priority, state, count(*), min(create_time) from gateway.outbound_text
			where end_time is null group by priority, state`)
		if err != nil {
			return err
		}
		depths, err = pgx.CollectRows(rows, pgx.RowToStructByPos[outbound.Depth])
		return err
	})
	return depths, err
}
