package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
)

// A reference is a number of 8 bits that comes again, so of those with the same the part is meant that was sent nearest
// to when the centre says it was. Clocks without a zone may be off by a day.
const partOfReport = `
select text_id, number, coalesce(status, -1) from gateway.outbound_part
where sim = $1 and reference = $2 and recipient = $3 and sent_time > $5::timestamptz - interval '8 days'
    and ($4::timestamptz is null or sent_time between $4::timestamptz - interval '26 hours' and $4::timestamptz + interval '26 hours')
order by abs(extract(epoch from sent_time - coalesce($4::timestamptz, $5))), sent_time desc limit 1
for update`

// Note implements [outbound.ReportStore].
func (o *Outbound) Note(ctx context.Context, r outbound.Report) (use outbound.Use, err error) {
	err = o.in(ctx, "note a delivery report", func(tx pgx.Tx) error {
		use, err = note(ctx, tx, r)
		return err
	})
	return use, err
}

func note(ctx context.Context, tx pgx.Tx, r outbound.Report) (outbound.Use, error) {
	use, err := attach(ctx, tx, r)
	if !errors.Is(err, pgx.ErrNoRows) {
		return use, err
	}
	if kept, err := early(ctx, tx, r); kept || err != nil {
		return outbound.Early, err
	}
	// Its part may have been committed between the two looks.
	use, err = attach(ctx, tx, r)
	if errors.Is(err, pgx.ErrNoRows) {
		return outbound.Nobodys, nil
	}
	return use, err
}

// attach notes a report with its part. Its error is pgx.ErrNoRows when there is none.
func attach(ctx context.Context, tx pgx.Tx, r outbound.Report) (outbound.Use, error) {
	var key int64
	var number, status int
	err := tx.QueryRow(ctx, partOfReport, r.SIM, r.Reference, r.Recipient, orNull(r.SentTime), r.Received).Scan(&key, &number, &status)
	switch {
	case err != nil:
		return outbound.Nobodys, err
	case status >= 0 && sms.ReportStatus(status).Fate() != sms.Pending:
		return outbound.Repeated, nil
	}
	_, err = tx.Exec(ctx, `update gateway.outbound_part set status = $3, report_time = coalesce($4::timestamptz, $5::timestamptz) where text_id = $1 and number = $2`,
		key, number, int(r.Status), orNull(r.ReportTime), r.Received)
	if err != nil {
		return outbound.Nobodys, err
	}
	if r.Status.Fate() != sms.Arrived {
		if err := explain(ctx, tx, key, r.Status); err != nil {
			return outbound.Nobodys, err
		}
	}
	if err := conclude(ctx, tx, key, r.Received); err != nil {
		return outbound.Nobodys, err
	}
	return outbound.Used, late(ctx, tx, key)
}

// late keeps when a text arrived that had come to its end before anybody said so. Its state stays.
func late(ctx context.Context, tx pgx.Tx, key int64) error {
	_, err := tx.Exec(ctx, `
update gateway.outbound_text t set delivery_time = p.arrived, version = version + 1
from (select count(*) as parts, max(report_time) as arrived from gateway.outbound_part where text_id = $1 and status between 0 and 31) p
where t.id = $1 and t.end_time is not null and t.delivery_time is null and p.parts = t.parts`, key)
	return err
}

// explain says for a person why the text has not arrived.
func explain(ctx context.Context, tx pgx.Tx, key int64, status sms.ReportStatus) error {
	_, err := tx.Exec(ctx, `update gateway.outbound_text set detail = $2, version = version + 1
		where id = $1 and end_time is null and state in ('queued', 'sent', 'delivered')`, key, status.String())
	return err
}

// early keeps a report whose part may be in the hands of a modem just now. The lock has whoever commits that part find
// the report afterwards.
func early(ctx context.Context, tx pgx.Tx, r outbound.Report) (kept bool, err error) {
	tag, err := tx.Exec(ctx, `select from gateway.outbound_text where state = 'sending' and sim = $1 and recipient = $2 for update`, r.SIM, r.Recipient)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `insert into gateway.early_report (sim, reference, recipient, status, discharge_time, receive_time)
		values ($1, $2, $3, $4, $5, $6)`, r.SIM, r.Reference, r.Recipient, int(r.Status), orNull(r.ReportTime), r.Received)
	return true, err
}

// useEarly takes up the reports that came before the reference of the newest part did.
func useEarly(ctx context.Context, tx pgx.Tx, key int64) error {
	_, err := tx.Exec(ctx, `
with part as (
    select text_id, number, sim, reference, recipient from gateway.outbound_part where text_id = $1 order by number desc limit 1
), come as (
    delete from gateway.early_report e using part p where e.sim = p.sim and e.reference = p.reference and e.recipient = p.recipient
    returning e.id, e.status, coalesce(e.discharge_time, e.receive_time) as report_time
), newest as (select status, report_time from come order by id desc limit 1)
update gateway.outbound_part o set status = n.status, report_time = n.report_time
from part p, newest n where o.text_id = p.text_id and o.number = p.number`, key)
	return err
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
