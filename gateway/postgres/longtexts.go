package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway/modem"
	"waybill/gateway/modem/sms"
	"waybill/tracking"
)

// A row that is locked is being handed over by somebody else.
const (
	selectText = `select id, sim, sender, reference, wide, total, modem, first_time, tries from gateway.long_text `

	selectWhole = selectText + `
where missing = 0 and done_time is null and (try_time is null or try_time < $1)
order by try_time nulls first, id limit 1 for update skip locked`

	selectIncomplete = selectText + `
where missing > 0 and given_up_time is null and first_time < $2 and (try_time is null or try_time < $1)
order by first_time, id limit 1 for update skip locked`

	selectParts = `select number, sent_time, pdu from gateway.text_part where long_text = $1 order by number`

	finishWhole      = `update gateway.long_text set done_time = $2, try_time = $2 where id = $1`
	finishIncomplete = `update gateway.long_text set given_up_time = $2, try_time = null, tries = 0 where id = $1`
	failText         = `update gateway.long_text set try_time = $2, tries = tries + $3 where id = $1`

	// Those that were given up and became whole wait for nothing but being handed over.
	forgetTexts = `delete from gateway.long_text
where seen_time < $1 and (done_time is not null or given_up_time is not null and missing > 0)`
)

// TakeWhole implements [modem.LongTexts].
func (s *Store) TakeWhole(ctx context.Context, since time.Time, take func(context.Context, modem.LongText) error) (bool, error) {
	return s.take(ctx, take, finishWhole, selectWhole, since)
}

// TakeIncomplete implements [modem.LongTexts].
func (s *Store) TakeIncomplete(ctx context.Context, before, since time.Time, take func(context.Context, modem.LongText) error) (bool, error) {
	return s.take(ctx, take, finishIncomplete, selectIncomplete, since, before)
}

// ForgetParts implements [modem.LongTexts].
func (s *Store) ForgetParts(ctx context.Context, before time.Time) error {
	return s.in(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, forgetTexts, before)
		return err
	})
}

// take keeps the text's row locked while it is handed over. When this process dies the lock goes with its connection,
// and another takes the text again: what was done already is harmless to do twice.
func (s *Store) take(
	ctx context.Context, take func(context.Context, modem.LongText) error, finish, query string, args ...any,
) (found bool, failure error) {
	err := s.in(ctx, func(tx pgx.Tx) error {
		id, text, err := oneText(ctx, tx, query, args...)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		if failure = take(ctx, text); failure == nil {
			_, err = tx.Exec(ctx, finish, id, time.Now())
			return err
		}
		count := 1
		if tracking.IsRetryable(failure) || errors.Is(failure, context.DeadlineExceeded) {
			count = 0
		}
		_, err = tx.Exec(ctx, failText, id, time.Now(), count)
		return err
	})
	return found, errors.Join(failure, err)
}

func oneText(ctx context.Context, tx pgx.Tx, query string, args ...any) (int64, modem.LongText, error) {
	var id int64
	var text modem.LongText
	var concat sms.Concat
	err := tx.QueryRow(ctx, query, args...).Scan(&id, &text.SIM, &text.From, &concat.Reference, &concat.Wide, &concat.Total,
		&text.Modem, &text.FirstTime, &text.Tries)
	if err != nil {
		return 0, text, err
	}
	text.Total, text.FirstTime = concat.Total, text.FirstTime.UTC()
	rows, err := tx.Query(ctx, selectParts, id)
	if err != nil {
		return 0, text, err
	}
	text.Parts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (modem.Part, error) {
		part := modem.Part{Modem: text.Modem, SIM: text.SIM, From: text.From, Concat: concat}
		var sent *time.Time
		var pdu []byte
		err := row.Scan(&part.Concat.Number, &sent, &pdu)
		if sent != nil {
			part.SentTime = sent.UTC()
		}
		part.PDU = strings.ToUpper(hex.EncodeToString(pdu))
		return part, err
	})
	return id, text, err
}
