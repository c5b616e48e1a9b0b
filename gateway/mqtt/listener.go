package mqtt

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// listener takes connections and has them served. It survives a failing accept (no file descriptors left), bounds the
// connections, and can wait for them.
type listener struct {
	net.Listener
	limit   int // of connections
	packet  int // of a packet's bytes
	serve   func(*conn)
	log     *slog.Logger
	refused func()

	ctx  context.Context //nolint:containedctx // it is the listener's life
	stop context.CancelFunc

	mu      sync.Mutex
	closing bool               // guarded by mu
	conns   map[*conn]struct{} // guarded by mu
	wg      sync.WaitGroup     // of connections; added to under mu and only before closing
}

// run takes connections until the listener is closed.
func (l *listener) run() {
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			l.take(c)
		case errors.Is(err, net.ErrClosed) || l.ctx.Err() != nil:
			return
		default:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			l.log.LogAttrs(l.ctx, slog.LevelWarn, "can't accept MQTT connections; trying again", slog.Any("error", err), slog.Duration("in", pause))
			select {
			case <-time.After(pause):
			case <-l.ctx.Done():
				return
			}
		}
	}
}

func (l *listener) take(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing || len(l.conns) >= l.limit {
		l.refused()
		_ = c.Close()
		return
	}
	wrapped := newConn(l.ctx, c, l.packet)
	l.conns[wrapped] = struct{}{}
	l.wg.Go(func() {
		defer l.forget(wrapped)
		l.serve(wrapped)
	})
}

func (l *listener) forget(c *conn) {
	_ = c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// cut ends everything now.
func (l *listener) cut() {
	l.refuse()
	l.stop()
	l.each(func(c *conn) { _ = c.Close() })
}

// drain takes no more connections and waits until those there are have finished what they are at, or ctx ends.
func (l *listener) drain(ctx context.Context) error {
	l.refuse()
	l.each((*conn).drain)
	done := make(chan struct{})
	go func() {
		l.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		l.cut()
		<-done
		return ctx.Err()
	}
}

func (l *listener) refuse() {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	_ = l.Close()
}

func (l *listener) each(f func(*conn)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		f(c)
	}
}
