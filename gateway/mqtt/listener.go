package mqtt

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
)

// listener hands connections to mochi. Unlike mochi's own it survives a failing accept (no file descriptors left),
// bounds the connections, gives each little time to say who it is, and can wait for them.
type listener struct {
	net.Listener
	limit   int // of connections
	packet  int // of a packet's bytes
	hello   time.Duration
	log     *slog.Logger
	refused func()

	ctx  context.Context //nolint:containedctx // it is the listener's life
	stop context.CancelFunc

	mu      sync.Mutex
	closing bool               // guarded by mu
	conns   map[*conn]struct{} // guarded by mu
	wg      sync.WaitGroup     // of connections; added to under mu and only before closing
}

// ID implements [listeners.Listener].
func (l *listener) ID() string { return "mqtt" }

// Address implements [listeners.Listener].
func (l *listener) Address() string { return l.Addr().String() }

// Protocol implements [listeners.Listener].
func (l *listener) Protocol() string { return "tcp" }

// Init implements [listeners.Listener].
func (l *listener) Init(*slog.Logger) error { return nil }

// Serve implements [listeners.Listener].
func (l *listener) Serve(establish listeners.EstablishFn) {
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			l.take(c, establish)
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

func (l *listener) take(c net.Conn, establish listeners.EstablishFn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing || len(l.conns) >= l.limit {
		l.refused()
		_ = c.Close()
		return
	}
	wrapped := newConn(l.ctx, c, l.packet)
	_ = wrapped.SetDeadline(time.Now().Add(l.hello)) // mochi sets the keep-alive's when it knows it
	l.conns[wrapped] = struct{}{}
	l.wg.Go(func() {
		defer l.forget(wrapped)
		// The error says why the connection ended; the hook has seen what matters of it.
		_ = establish(l.ID(), wrapped)
	})
}

func (l *listener) forget(c *conn) {
	_ = c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// Close implements [listeners.Listener]: it ends everything now.
func (l *listener) Close(listeners.CloseFn) {
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
		l.Close(nil)
		<-done
		return ctx.Err()
	}
}

func (l *listener) refuse() {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	_ = l.Listener.Close()
}

func (l *listener) each(f func(*conn)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		f(c)
	}
}
