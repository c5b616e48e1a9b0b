package at

import (
	"context"
	"fmt"
)

// send hands bytes to the writer, so that a port that takes nothing can't hold the caller beyond its time. A write that
// fails ends the engine.
func (e *Engine) send(ctx context.Context, text string) error {
	select {
	case e.outbox <- []byte(text):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-e.quit:
		return e.ended()
	}
}

// Close ends the stream and waits for the engine's goroutines. Commands in progress end with ErrClosed.
func (e *Engine) Close() error {
	err := e.end(ErrClosed)
	e.wait.Wait()
	return err
}

// end closes the port once; the first reason stays.
func (e *Engine) end(reason error) (err error) {
	e.stop.Do(func() {
		e.mu.Lock()
		e.err = reason
		e.mu.Unlock()
		close(e.quit)
		err = e.port.Close()
	})
	return err
}

func (e *Engine) ended() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *Engine) read() {
	defer close(e.unsolicited)
	buf := make([]byte, 1024)
	for {
		n, err := e.port.Read(buf)
		if n > 0 {
			e.mu.Lock()
			e.wire.feed(buf[:n])
			e.mu.Unlock()
			signal(e.heard)
		}
		if err != nil {
			_ = e.end(fmt.Errorf("%w: %w", ErrClosed, err))
			return
		}
	}
}

func (e *Engine) write() {
	for {
		select {
		case p := <-e.outbox:
			if _, err := e.port.Write(p); err != nil {
				_ = e.end(fmt.Errorf("%w: %w", ErrClosed, err))
				return
			}
		case <-e.quit:
			return
		}
	}
}

// indicate runs on the reader with mu held.
func (e *Engine) indicate(u Unsolicited) {
	select {
	case e.unsolicited <- u:
	default:
		e.dropped++
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
