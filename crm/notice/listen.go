// Package notice listens to PostgreSQL's notifications on one channel, and comes back
// when the database was away.
package notice

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	firstWait = 100 * time.Millisecond
	longWait  = 5 * time.Second
)

// Listener hears a channel.
type Listener struct {
	// Pool says where the database is. The connection is the listener's own: one that
	// waits for ever would be missing in the pool.
	Pool    *pgxpool.Pool
	Channel string
	Logger  *slog.Logger
	// Connected is called whenever listening begins: notifications from before are
	// lost, so look at everything.
	Connected func()
	// Heard is called with the payload of each notification, in order. It must not
	// wait.
	Heard func(payload string)
}

// Run listens until the context ends.
func (l Listener) Run(ctx context.Context) {
	wait := firstWait
	for {
		err := l.listen(ctx, func() { wait = firstWait; l.Connected() })
		if ctx.Err() != nil {
			return
		}
		l.Logger.WarnContext(ctx, "stopped hearing the database", "channel", l.Channel, "error", err, "retry_in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = min(2*wait, longWait)
	}
}

func (l Listener) listen(ctx context.Context, connected func()) error {
	conn, err := pgx.ConnectConfig(ctx, l.Pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() {
		// The context has ended, most often; saying goodbye takes no time.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{l.Channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	connected()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("wait for a notification: %w", err)
		}
		l.Heard(n.Payload)
	}
}
