package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway"
	"waybill/tracking"
)

const selectInput = `select id, source, sender, origin, device, topic, reason, detail, payload, payload_size, count,
    first_time, last_time, sent_time, replay_time from gateway.rejected_input `

// Position is where a page of the list ends.
type Position struct {
	LastTime time.Time `json:"t"`
	ID       int64     `json:"i"`
}

// List gives up to limit rows, those that came last first, beginning behind the position (the zero value: at the
// newest). With a device or a reason, only theirs.
func (s *Store) List(ctx context.Context, device string, reason tracking.Reason, after Position, limit int) ([]gateway.RejectedInput, error) {
	var inputs []gateway.RejectedInput
	err := s.in(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectInput+`
			where ($1 = '' or device = $1) and ($2 = '' or reason = $2) and ($3 or (last_time, id) < ($4, $5))
			order by last_time desc, id desc limit $6`,
			device, string(reason), after == Position{}, after.LastTime, after.ID, limit)
		if err != nil {
			return err
		}
		inputs, err = pgx.CollectRows(rows, scan)
		return err
	})
	return inputs, err
}

// Get implements [gateway.Archive].
func (s *Store) Get(ctx context.Context, id int64) (input gateway.RejectedInput, err error) {
	err = s.in(ctx, func(tx pgx.Tx) error {
		input, err = get(ctx, tx, id)
		return err
	})
	return input, err
}

// Replayed implements [gateway.Archive].
func (s *Store) Replayed(ctx context.Context, id int64, at time.Time) (input gateway.RejectedInput, err error) {
	err = s.in(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update gateway.rejected_input set replay_time = $2 where id = $1`, id, at); err != nil {
			return err
		}
		input, err = get(ctx, tx, id)
		return err
	})
	return input, err
}

// Restate implements [gateway.Archive].
func (s *Store) Restate(ctx context.Context, id int64, again *gateway.RejectedInput) (input gateway.RejectedInput, err error) {
	err = s.in(ctx, func(tx pgx.Tx) error {
		if err := absorb(ctx, tx, id, again); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update gateway.rejected_input
			set source = $2, device = $3, reason = $4, detail = $5, replay_time = null where id = $1`,
			id, again.Source, again.Device, string(again.Reason), again.Detail)
		if err != nil {
			return err
		}
		input, err = get(ctx, tx, id)
		return err
	})
	return input, err
}

// absorb makes one row of the input and another that holds the same under its new reason.
func absorb(ctx context.Context, tx pgx.Tx, id int64, again *gateway.RejectedInput) error {
	_, err := tx.Exec(ctx, `
		with twin as (
		    delete from gateway.rejected_input as t using gateway.rejected_input as i
		    where i.id = $1 and t.id <> i.id and t.sender = i.sender and t.digest = i.digest and t.source = $2 and t.reason = $3
		    returning t.count, t.first_time, t.last_time)
		update gateway.rejected_input as i set count = i.count + twin.count,
		    first_time = least(i.first_time, twin.first_time), last_time = greatest(i.last_time, twin.last_time)
		from twin where i.id = $1`, id, again.Source, string(again.Reason))
	return err
}

func get(ctx context.Context, tx pgx.Tx, id int64) (gateway.RejectedInput, error) {
	rows, err := tx.Query(ctx, selectInput+`where id = $1`, id)
	if err != nil {
		return gateway.RejectedInput{}, err
	}
	input, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return input, gateway.ErrNoInput
	}
	return input, err
}

func scan(row pgx.CollectableRow) (gateway.RejectedInput, error) {
	var in gateway.RejectedInput
	var sent, replay *time.Time
	err := row.Scan(&in.ID, &in.Source, &in.Sender, &in.Origin, &in.Device, &in.Topic, &in.Reason, &in.Detail, &in.Payload, &in.Size,
		&in.Count, &in.FirstTime, &in.LastTime, &sent, &replay)
	in.SentTime, in.ReplayTime = orZero(sent).UTC(), orZero(replay)
	return in, err
}
