package historybench

import (
	"context"
	"errors"
	"time"

	"waybill/internal/lifecycle"
	"waybill/tracking/postgres"
)

const (
	// dropped is how many days are dropped at most.
	dropped = 5
	// A few moments in a quiet spell: so long writers commit before they are timed, and
	// after each day that is dropped.
	moments = 10
)

// spell is a time in which something went on.
type spell struct{ from, to time.Time }

// has says whether the commit was under way in the spell.
func (s spell) has(c commit) bool { return c.began.Before(s.to) && c.began.Add(c.took).After(s.from) }

// disturb has writers commit at an even pace, for a quiet spell, while the last day
// of the history is sealed, while the first ones are dropped, and in quiet again.
func (b *bench) disturb(ctx context.Context) (err error) {
	writers, err := b.large.report(ctx)
	if err != nil {
		return err
	}
	quiet, sealing, dropping, err := b.spells(ctx)
	failure := writers.end()
	if err = errors.Join(err, failure); err != nil {
		return err
	}
	b.result.SealTook = sealing.to.Sub(sealing.from)
	for _, of := range []struct {
		spells  *Spells
		commits []commit
	}{{&b.result.Commits, writers.commits}, {&b.result.Empty, writers.empty}} {
		*of.spells = spellsOf(within(of.commits, quiet...), within(of.commits, sealing), within(of.commits, dropping))
	}
	return nil
}

func (b *bench) spells(ctx context.Context) (quiet []spell, sealing, dropping spell, err error) {
	if err = lifecycle.Pause(ctx, b.options.Quiet/moments); err != nil {
		return nil, sealing, dropping, err
	}
	for _, step := range []func() error{
		func() error { return b.quiet(ctx, &quiet) },
		func() error {
			sealing.from = time.Now()
			err := postgres.NewPartitions(b.large.pool, postgres.PartitionOptions{}).Seal(ctx, b.large.day(b.options.Days-1))
			sealing.to = time.Now()
			return err
		},
		func() error { return b.quiet(ctx, &quiet) },
		func() error {
			dropping.from = time.Now()
			err := b.dropDays(ctx)
			dropping.to = time.Now()
			return err
		},
		func() error { return b.quiet(ctx, &quiet) },
	} {
		if err = step(); err != nil {
			return nil, sealing, dropping, err
		}
	}
	return quiet, sealing, dropping, nil
}

func (b *bench) quiet(ctx context.Context, spells *[]spell) error {
	from := time.Now()
	err := lifecycle.Pause(ctx, b.options.Quiet)
	*spells = append(*spells, spell{from, time.Now()})
	return err
}

// dropDays drops the first days, one after the other.
func (b *bench) dropDays(ctx context.Context) error {
	partitions := postgres.NewPartitions(b.large.pool, postgres.PartitionOptions{Retention: time.Hour})
	for n := range min(dropped, b.options.Days-2) {
		// A day goes when the retention has passed since its end, with an hour to spare.
		if err := partitions.Retain(ctx, b.large.day(n+1).Add(2*time.Hour)); err != nil {
			return err
		}
		if err := lifecycle.Pause(ctx, b.options.Quiet/moments); err != nil {
			return err
		}
	}
	return nil
}

func within(commits []commit, spells ...spell) []time.Duration {
	var took []time.Duration
	for _, c := range commits {
		for _, s := range spells {
			if s.has(c) {
				took = append(took, c.took)
				break
			}
		}
	}
	return took
}
