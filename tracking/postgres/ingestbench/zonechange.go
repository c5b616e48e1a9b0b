package ingestbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking/postgres"
)

// ZoneChangeResult is how long commits take while nothing else happens, and when a zone
// changes during each of them.
type ZoneChangeResult struct {
	QuietMedian, QuietLongest       time.Duration
	ChangingMedian, ChangingLongest time.Duration
}

// RunZoneChanges measures on the database as [Run] does. Batches of the two kinds take
// turns.
func RunZoneChanges(ctx context.Context, pool *pgxpool.Pool, options Options) (result ZoneChangeResult, err error) {
	options = options.withDefaults()
	s, err := setUp(ctx, pool, options)
	defer func() { err = errors.Join(err, s.cleanUp(context.WithoutCancel(ctx))) }()
	if err != nil {
		return ZoneChangeResult{}, err
	}
	if err := s.drawBorders(ctx); err != nil {
		return ZoneChangeResult{}, err
	}
	store := postgres.NewFixStore(pool, postgres.FixOptions{})
	keeping, stop := context.WithCancel(ctx)
	kept := make(chan error, 1)
	go func() { kept <- store.KeepZones(keeping) }()
	defer func() {
		stop()
		err = errors.Join(err, <-kept)
	}()
	var quiet, changing []time.Duration
	for round := range 2 * (warmUp + options.Rounds) {
		reports := s.reports(round)
		changed := make(chan error, 1)
		if round%2 == 0 {
			changed <- nil
		} else {
			go func() { changed <- s.changeZone(ctx, 1+round%options.Zones) }()
		}
		took, err := timed(func() error { return s.commit(ctx, store, reports) })
		if err = errors.Join(err, <-changed); err != nil {
			return ZoneChangeResult{}, fmt.Errorf("commit a batch while a zone changes: %w", err)
		}
		switch {
		case round < 2*warmUp:
		case round%2 == 0:
			quiet = append(quiet, took)
		default:
			changing = append(changing, took)
		}
	}
	return ZoneChangeResult{
		QuietMedian: median(quiet), QuietLongest: slices.Max(quiet),
		ChangingMedian: median(changing), ChangingLongest: slices.Max(changing),
	}, nil
}

// drawBorders makes polygons of 40 corners of the zones, as those of a city have.
func (s *scratch) drawBorders(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `
		update tracking.zone set area = ST_Multi(ST_Buffer(center::geography, radius, 10)::geometry), center = null, radius = null
		where uid like $1 || '-%'`, s.prefix)
	if err != nil {
		return fmt.Errorf("draw borders: %w", err)
	}
	return nil
}

func (s *scratch) changeZone(ctx context.Context, i int) error {
	_, err := s.pool.Exec(ctx, "update tracking.zone set area = ST_Translate(area, 1e-5, 0) where uid = $1", fmt.Sprintf("%s-%d", s.prefix, i))
	return err
}
