package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
	"waybill/tracking/derive"
)

const (
	// maxTries bounds how often a transaction that lost to another is done again.
	maxTries        = 10
	rollbackTimeout = 5 * time.Second
)

// Commit implements [tracking.Store].
func (s *FixStore) Commit(ctx context.Context, records []tracking.Record) (tracking.Committed, error) {
	b := newBatch(records)
	positions, err := s.commit(ctx, b, 1)
	return tracking.Committed{Outcomes: b.outcomes(), Positions: positions}, translate(err)
}

// commit commits what is easy, and then the rest: neither a late fix nor a device that
// somebody else has written holds up its neighbours. What was committed when it fails
// keeps its fate.
func (s *FixStore) commit(ctx context.Context, b *batch, try int) (positions []tracking.Position, err error) {
	easy, rest := s.divide(b)
	for _, part := range []*batch{easy, rest} {
		switch {
		case len(part.devices) == 0:
		case err != nil:
			part.undecide()
		default:
			var shown []tracking.Position
			shown, err = s.commitPart(ctx, part, try)
			positions = append(positions, shown...)
		}
	}
	return positions, err
}

func (s *FixStore) commitPart(ctx context.Context, b *batch, try int) ([]tracking.Position, error) {
	err := s.tryCommit(ctx, b)
	if err == nil {
		return b.positions(), nil
	}
	again := isContention(err)
	if isMissingPartition(err) {
		s.partitions.forget()
		again = true
	}
	if !again || try == maxTries {
		b.undecide()
		return nil, err
	}
	s.logger.DebugContext(ctx, "transaction is done again", slog.Int("try", try), slog.Any("error", err))
	// What is newer than the state says is there all the same. When that is not
	// another process's doing, but somebody's who stored fixes behind our back, it
	// would be so for ever.
	b.staged = b.staged || code(err) == codeUniqueViolation
	if moved, ok := asZonesMoved(err); ok {
		if err := s.zones.reload(ctx, moved.version); err != nil {
			b.undecide()
			return nil, err
		}
	}
	return s.commit(ctx, b, try+1)
}

func (s *FixStore) tryCommit(ctx context.Context, b *batch) error {
	for i := range b.devices {
		for _, row := range b.devices[i].rows {
			if err := s.partitions.Ensure(ctx, b.records[row].Fix.Time); err != nil {
				return err
			}
		}
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	t := transaction{store: s, conn: conn.Conn(), batch: b}
	if err := t.makeStateStaging(ctx); err != nil {
		return err
	}
	t.zoneVersion, t.zones = s.zones.current()
	if err := t.run(ctx); err != nil {
		t.rollback(ctx)
		if errors.Is(err, errOutrun) {
			return t.findOutrun(ctx)
		}
		s.states.forget(b.devices, b.remembered && isContention(err))
		return err
	}
	s.states.remember(b.devices)
	return nil
}

// transaction commits one batch.
type transaction struct {
	store *FixStore
	conn  *pgx.Conn
	batch *batch
	// zones are those of the version.
	zones       derive.Zones
	zoneVersion int64
	// outrun says that another transaction came first.
	outrun bool
	// effects are there when the batch has been worked out.
	effects effects
}

// run does it in three round trips, and some more when fixes are late or states are not
// remembered.
func (t *transaction) run(ctx context.Context) error {
	defer t.effects.release(&t.store.buffers)
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"begin", t.begin},
		{"copy new fixes", t.copyNew},
		{"stage other fixes", t.stageRest},
		{"revise what late fixes change", t.revise},
		{"write what follows", t.finish},
	} {
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// copyNew copies what is newer than all that is stored of its device. What follows from a
// remembered batch depends on nothing that the database would have to say first: it is
// worked out while the server is busy with the copy.
func (t *transaction) copyNew(ctx context.Context) error {
	if t.batch.remembered {
		var working sync.WaitGroup
		working.Go(t.workOut)
		defer working.Wait()
	}
	return t.copyPositions(ctx)
}

// copyPositions copies what can't be a duplicate, as long as the devices' states are what
// we think, straight into the table.
func (t *transaction) copyPositions(ctx context.Context) error {
	buffer := t.store.buffers.Get().(*copyBuffer) //nolint:errcheck,forcetypeassert // nothing else is in the pool
	defer t.store.buffers.Put(buffer)
	buffer.begin(len(t.batch.records))
	rows := 0
	for row := range t.batch.rows(isNew) {
		buffer.position(&t.batch.records[row])
		rows++
	}
	if rows == 0 {
		return nil
	}
	buffer.end()
	statement := "copy tracking.position (" + copyColumns + ") from stdin (format binary)"
	if t.batch.remembered {
		// In one message with it: a round trip less.
		statement = "begin; " + statement
	}
	return buffer.send(ctx, t.conn.PgConn(), statement)
}

func (t *transaction) rules() derive.Rules {
	rules := t.store.rules
	rules.Zones = t.zones
	return rules
}

func (t *transaction) rollback(ctx context.Context) {
	if t.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	// When that fails the pool throws the connection away.
	_, _ = t.conn.Exec(ctx, "rollback")
}
