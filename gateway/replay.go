package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNotReplayable says that rejected input can't be replayed as it is kept: its payload was cut or never kept, or
	// its road is not one of this gateway.
	ErrNotReplayable = errors.New("can't be replayed")
	// ErrNoInput says that there is no such rejected input; it may have been dropped to make room.
	ErrNoInput = errors.New("no such rejected input")
)

// Archive is where rejected input is kept. Its methods return [ErrNoInput] for an id that is not there, and
// [tracking.ErrUnavailable] when the store is away.
type Archive interface {
	Get(ctx context.Context, id int64) (RejectedInput, error)
	// Replayed notes that the input became fixes at the time.
	Replayed(ctx context.Context, id int64, at time.Time) (RejectedInput, error)
	// Restate gives the input the reason, detail and device that it was rejected with again. Where the very same input
	// is kept under that reason already, the two become one.
	Restate(ctx context.Context, id int64, again *RejectedInput) (RejectedInput, error)
}

// Replayer runs rejected input through the intake again.
type Replayer struct {
	Intake  *Intake
	Archive Archive
	// Roads has the roads of this gateway by name.
	Roads map[string]Road
}

// Replay reads the input anew and delivers what is in it. It returns what became of it and the input as it is now: with
// the time of the replay, or with a new reason. It counts as received now, because that is when it becomes known:
// nothing that happened long ago is to alert anybody.
func (r *Replayer) Replay(ctx context.Context, id int64) (Tally, RejectedInput, error) {
	kept, err := r.Archive.Get(ctx, id)
	if err != nil {
		return Tally{}, RejectedInput{}, err
	}
	road, err := r.road(&kept)
	if err != nil {
		return Tally{}, kept, err
	}
	now := time.Now()
	message := &Message{
		Road: kept.Road(), Sender: kept.Sender, Origin: kept.Origin, Topic: kept.Topic, Payload: kept.Payload, Sent: kept.Sent(), Received: now,
	}
	tally, err := r.Intake.run(ctx, road, message)
	if err != nil {
		return Tally{}, kept, err
	}
	r.Intake.metrics.count(message, tally)
	if len(tally.Rejected) > 0 {
		kept, err = r.Archive.Restate(ctx, id, &tally.Rejected[0])
	} else {
		kept, err = r.Archive.Replayed(ctx, id, now)
	}
	return tally, kept, err
}

func (r *Replayer) road(kept *RejectedInput) (Road, error) {
	road := r.Roads[kept.Road()]
	switch {
	case kept.Reason == ReasonWrongPassword:
		return nil, fmt.Errorf("%w: it was a connection, not a message; the unit comes again by itself", ErrNotReplayable)
	case !kept.Whole():
		return nil, fmt.Errorf("%w: only %d of %d bytes were kept; have the unit send it again in smaller messages", ErrNotReplayable, len(kept.Payload), kept.Size)
	case road == nil:
		return nil, fmt.Errorf("%w: this gateway has no road %q; switch it on and try again", ErrNotReplayable, kept.Road())
	}
	return road, nil
}
