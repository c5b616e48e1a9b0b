package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/gateway"
	"waybill/gateway/pattern"
	"waybill/internal/database"
	"waybill/tracking"
)

const selectPattern = `select uid, display_name, expression, time_layout, speed_unit, use_sent_time, alarm, example, creator, create_time
from gateway.text_pattern `

// patternLock is the key of the advisory lock under which patterns are added, so that their number is bounded.
const patternLock = 0x7762_7061_7474 // "wbpatt"

// Patterns keeps taught patterns: it is a [pattern.Store].
type Patterns struct{ pool *pgxpool.Pool }

// NewPatterns makes a store on a migrated database. The pool stays the caller's.
func NewPatterns(pool *pgxpool.Pool) *Patterns { return &Patterns{pool: pool} }

// PatternVersion implements [pattern.Shelf].
func (s *Patterns) PatternVersion(ctx context.Context) (version int64, err error) {
	err = s.pool.QueryRow(ctx, `select version from gateway.text_pattern_version`).Scan(&version)
	return version, away("ask for taught patterns", err)
}

// Patterns implements [pattern.Shelf].
func (s *Patterns) Patterns(ctx context.Context) (patterns []pattern.Pattern, version int64, err error) {
	// What the version is of must be what is read.
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `select version from gateway.text_pattern_version`).Scan(&version); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, selectPattern+`order by id`)
		patterns, err = pgx.CollectRows(rows, scanPattern)
		return err
	})
	return patterns, version, away("read taught patterns", err)
}

// CreatePattern implements [pattern.Store].
func (s *Patterns) CreatePattern(ctx context.Context, p *pattern.Pattern, requestID string) (made pattern.Pattern, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(patternLock)); err != nil {
			return err
		}
		if requestID != "" {
			made, err = onePattern(ctx, tx, `where request_id = $1`, requestID)
			if !errors.Is(err, tracking.ErrNotFound) {
				return err
			}
		}
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from gateway.text_pattern`).Scan(&n); err != nil {
			return err
		}
		if n >= pattern.MaxPatterns {
			return pattern.ErrTooMany
		}
		_, err := tx.Exec(ctx, `
insert into gateway.text_pattern
    (uid, display_name, expression, time_layout, speed_unit, use_sent_time, alarm, example, creator, request_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, ''))`,
			p.UID, p.DisplayName, p.Expression, p.TimeLayout, string(p.SpeedUnit), p.UseSentTime, p.Alarm, p.Example, p.Creator, requestID)
		if err != nil {
			return err
		}
		made, err = onePattern(ctx, tx, `where uid = $1`, p.UID)
		return err
	})
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.ConstraintName == "text_pattern_uid_key" {
		return made, &tracking.FieldError{
			Field: "pattern_id", Advice: "there is a pattern of this name already; choose another, or delete that one first", Err: tracking.ErrExists,
		}
	}
	return made, away("add a pattern", err)
}

// DeletePattern implements [pattern.Store].
func (s *Patterns) DeletePattern(ctx context.Context, uid string) error {
	tag, err := s.pool.Exec(ctx, `delete from gateway.text_pattern where uid = $1`, uid)
	if err == nil && tag.RowsAffected() == 0 {
		return tracking.ErrNotFound
	}
	return away("delete a pattern", err)
}

func onePattern(ctx context.Context, tx pgx.Tx, where string, args ...any) (pattern.Pattern, error) {
	rows, _ := tx.Query(ctx, selectPattern+where, args...)
	p, err := pgx.CollectExactlyOneRow(rows, scanPattern)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tracking.ErrNotFound
	}
	return p, err
}

func scanPattern(row pgx.CollectableRow) (pattern.Pattern, error) {
	var p pattern.Pattern
	err := row.Scan(&p.UID, &p.DisplayName, &p.Expression, &p.TimeLayout, &p.SpeedUnit, &p.UseSentTime, &p.Alarm, &p.Example, &p.Creator, &p.CreateTime)
	p.CreateTime = p.CreateTime.UTC()
	return p, err
}

// away makes of a store that is away an error that callers know, and says what was being done.
func away(doing string, err error) error {
	switch {
	case err == nil, errors.Is(err, tracking.ErrNotFound), errors.Is(err, pattern.ErrTooMany):
		return err
	case database.IsRetryable(err):
		return fmt.Errorf("%s: %w: %w", doing, tracking.ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// UndecodedTexts implements [pattern.Inputs]: what was rejected because nobody could read it, and not because of who
// sent it or of what is stored.
func (s *Store) UndecodedTexts(ctx context.Context, after int64, limit int) (inputs []gateway.RejectedInput, err error) {
	err = s.in(ctx, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, selectInput+`
			where id > $1 and replay_time is null and topic = '' and (source = $2 or source like $2 || '/%') and length(payload) = payload_size
			and reason in ('unknown_format', 'syntax', 'checksum', 'number', 'time', 'position_out_of_range')
			order by id limit $3`, after, gateway.RoadSMS, limit)
		inputs, err = pgx.CollectRows(rows, scan)
		return err
	})
	return inputs, err
}
