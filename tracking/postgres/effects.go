package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// effects are what follows from a batch, in the form in which the server takes it.
type effects struct {
	// states are for the temporary table, nil when the update has them as arrays.
	states  *copyBuffer
	queries pgx.Batch
	err     error
}

func (e *effects) release(buffers *sync.Pool) {
	if e.states != nil {
		buffers.Put(e.states)
		e.states = nil
	}
}

// workOut derives, and makes the effects. It doesn't speak to the database.
func (t *transaction) workOut() {
	rules := t.rules()
	t.batch.follow(&rules)
	e := &t.effects
	if e.err = t.makeStates(e); e.err != nil {
		return
	}
	queueMovedLive(&e.queries, t.batch)
	if e.err = queueKept(&e.queries, t.batch); e.err != nil {
		return
	}
	queueChanges(&e.queries, t.batch)
}

// makeStates makes the update of the states that have changed, by the way that is the
// shorter.
func (t *transaction) makeStates(e *effects) error {
	n := 0
	for i := range t.batch.devices {
		if t.batch.devices[i].changed {
			n++
		}
	}
	switch {
	case n == 0:
		return nil
	case n < manyStates:
		return t.queueStates(&e.queries, n)
	}
	e.queries.Queue(updateFromStaging, t.zoneVersion).Exec(t.countStates(n))
	e.states = t.store.buffers.Get().(*copyBuffer) //nolint:errcheck,forcetypeassert // nothing else is in the pool
	return e.states.allStates(t.batch, n)
}

// finish writes the effects, and commits when nobody came first.
func (t *transaction) finish(ctx context.Context) error {
	if !t.batch.remembered {
		t.workOut()
	}
	e := &t.effects
	if e.err != nil {
		return e.err
	}
	if e.states != nil {
		if err := e.states.send(ctx, t.conn.PgConn(), copyStates); err != nil {
			return err
		}
	}
	if err := t.conn.SendBatch(ctx, &e.queries).Close(); err != nil {
		return err
	}
	if t.outrun {
		return errOutrun
	}
	_, err := t.conn.Exec(ctx, "commit")
	return err
}
