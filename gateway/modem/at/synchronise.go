package at

import (
	"context"
	"time"
)

// probe has an answer that no other command gives, so that its OK can't be another's: modems answer in order, and what
// was asked before is through when it comes.
const probe = "+CMEE?"

// synchronise makes sure that nothing asked earlier can still be answered: it leaves a prompt and a half-typed line,
// lets the line fall silent, and probes until the modem answers the probe. It returns ErrNoSync when it doesn't.
func (e *Engine) synchronise(ctx context.Context) error {
	if err := e.clear(ctx); err != nil {
		return err
	}
	for try := 1; try <= e.cfg.Probes; try++ {
		if err := e.drain(ctx, e.cfg.Settle); err != nil {
			return err
		}
		ok, err := e.probe(ctx)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		// Earlier probes that got no answer may still get theirs, after this one's.
		settle := e.cfg.Settle
		if try > 1 {
			settle = e.cfg.ProbeTimeout
		}
		if err := e.drain(ctx, settle); err != nil {
			return err
		}
		e.mu.Lock()
		e.wire.stray = false
		e.mu.Unlock()
		e.synced = true
		return nil
	}
	return ErrNoSync
}

// clear leaves a prompt that waits for a payload without sending it, by ESC, and ends by CR what garbage began.
func (e *Engine) clear(ctx context.Context) error { return e.send(ctx, "\x1b\r") }

// probe asks once. A modem that doesn't know the probe is asked a plain AT, whose OK is believed after the silence.
func (e *Engine) probe(ctx context.Context) (bool, error) {
	query := Query(probe, "+CMEE:")
	query.Timeout = e.cfg.ProbeTimeout
	_, err := e.exchange(ctx, newExchange(query))
	if IsRefusal(err) {
		if err := e.drain(ctx, e.cfg.Settle); err != nil {
			return false, err
		}
		_, err = e.exchange(ctx, newExchange(Command{Timeout: e.cfg.ProbeTimeout}))
	}
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case IsLost(err):
		return false, err
	}
	return false, nil
}

// drain waits until the line has been silent for the time, or until it has waited ten times as long: a modem that
// never stops talking is left to the probe.
func (e *Engine) drain(ctx context.Context, silence time.Duration) error {
	limit := time.NewTimer(10 * silence)
	defer limit.Stop()
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for {
		select {
		case <-e.heard:
			quiet.Reset(silence)
		case <-quiet.C:
			return nil
		case <-limit.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-e.quit:
			return e.ended()
		}
	}
}
