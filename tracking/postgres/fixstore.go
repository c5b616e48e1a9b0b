package postgres

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// keepEvery is after how many fixes of a device a state is kept: a late fix has so many
// to fold again at most before it comes to itself.
const keepEvery = 256

// FixStore commits fixes: it is the [tracking.Store].
type FixStore struct {
	pool       *pgxpool.Pool
	partitions *Partitions
	zones      *zoneCache
	fittings   *fittingCache
	states     *stateCache
	buffers    sync.Pool    // of *copyBuffer
	rules      derive.Rules // without zones
	logger     *slog.Logger
}

var _ tracking.Store = (*FixStore)(nil)

// FixOptions are the settings of a [FixStore]. The zero value of each stands for
// its default.
type FixOptions struct {
	// FreshFor is how long after its time a fix may be received and still alert;
	// [derive.DefaultFreshFor].
	FreshFor time.Duration
	// Partitions are the settings of the days; its logger is the store's when it has
	// none.
	Partitions PartitionOptions
	// Logger hears of repeated transactions; none.
	Logger *slog.Logger
}

// NewFixStore returns a store on a migrated database. The pool stays the caller's.
func NewFixStore(pool *pgxpool.Pool, options FixOptions) *FixStore {
	rules := derive.DefaultRules()
	rules.KeepEvery = keepEvery
	if options.FreshFor > 0 {
		rules.FreshFor = options.FreshFor
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Partitions.Logger == nil {
		options.Partitions.Logger = options.Logger
	}
	return &FixStore{
		pool:       pool,
		partitions: NewPartitions(pool, options.Partitions),
		zones:      newZoneCache(pool),
		fittings:   newFittingCache(),
		states:     newStateCache(),
		buffers:    sync.Pool{New: func() any { return new(copyBuffer) }},
		rules:      rules,
		logger:     options.Logger,
	}
}

// DeviceIDs implements [tracking.Store].
func (s *FixStore) DeviceIDs(ctx context.Context, uids []string) (map[string]int64, error) {
	rows, err := s.pool.Query(ctx, "select uid, id from tracking.device where uid = any($1)", uids)
	if err != nil {
		return nil, translate(err)
	}
	ids := make(map[string]int64, len(uids))
	var uid string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&uid, &id}, func() error {
		ids[uid] = id
		return nil
	})
	if err != nil {
		return nil, translate(err)
	}
	return ids, nil
}

// Partitions are the days of the table that the store writes to. Run them to have
// days made before they are needed, sealed when they are over, and dropped.
func (s *FixStore) Partitions() *Partitions { return s.partitions }
