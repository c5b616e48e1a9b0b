package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

// ErrDayNotOver says that fixes of the day are still expected. Seal it when it has
// ended, in UTC.
var ErrDayNotOver = errors.New("the day is not over yet; seal it when it has ended in UTC")

// SealFinished seals the days that ended long enough ago and are open, or have
// enough late fixes, the oldest first.
func (p *Partitions) SealFinished(ctx context.Context, now time.Time) error {
	if p.options.SealAfter <= 0 {
		return nil
	}
	return p.eachDay(ctx, func(d Day) bool {
		return !d.IsYear() && !d.End.Add(p.options.SealAfter).After(now) && p.isDue(d)
	}, p.seal)
}

func (p *Partitions) isDue(d Day) bool {
	switch d.State {
	case DayOpen:
		return true
	case DayLate:
		return d.LateRows >= p.options.SealAgain
	case DaySealed, DayDetached:
	}
	return false
}

// Seal seals the day that t is in, whether it is due or not. It fails with
// [tracking.ErrNotFound] when there are no positions of it, or only among those of its
// year, [ErrDayNotOver], or [ErrBusy].
func (p *Partitions) Seal(ctx context.Context, t time.Time) error {
	start := dayStart(dayNumber(t))
	if start.Add(day).After(time.Now()) {
		return ErrDayNotOver
	}
	found := false
	err := p.eachDay(ctx, func(d Day) bool {
		wanted := d.Start.Equal(start) && !d.IsYear() && d.State != DayDetached
		found = found || wanted
		return wanted
	}, p.seal)
	if err == nil && !found {
		return tracking.ErrNotFound
	}
	return err
}

// seal writes the day anew: its rows sorted by the key into a table aside, with the
// index over places, which then takes its place. Fixes go on landing in the old
// table until then, noted by a trigger, and are moved with it.
func (p *Partitions) seal(ctx context.Context, conn *pgx.Conn, d Day) error {
	s := &sealing{conn: conn, day: d.span, share: p.options.SealShare, logger: p.logger}
	began := time.Now()
	err := s.begin(ctx, p)
	if err == nil {
		err = s.write(ctx)
	}
	if err == nil {
		err = p.patiently(ctx, conn, func() error { return s.swap(ctx) })
	}
	if err != nil {
		return fmt.Errorf("seal the positions of %s: %w", d, errors.Join(err, s.discard(ctx)))
	}
	p.logger.InfoContext(ctx, "sealed the positions of a day", slog.String("day", d.String()),
		slog.Int64("rows", s.rows), slog.Duration("took", time.Since(began)))
	return nil
}
