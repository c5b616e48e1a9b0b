package modem

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/gateway/modem/at"
	"waybill/internal/lifecycle"
)

// Codes of +CME ERROR about the SIM (3GPP TS 27.007, 9.2).
const (
	cmeNoSIM   = 10
	cmeSIMBusy = 14
)

// unlock waits for the SIM, and gives it its PIN once.
func (s *session) unlock(ctx context.Context) error {
	ready, cancel := context.WithTimeoutCause(ctx, s.cfg.SIMWait, ErrSIM)
	defer cancel()
	for {
		state, err := s.simState(ready)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case ready.Err() != nil:
			return context.Cause(ready)
		case err != nil:
			return err
		}
		switch state {
		case "READY":
			if s.pinSent { // It was right, whether or not its answer came through.
				return s.cfg.PINs.Clear(ctx, attempt(s.imei, s.cfg.PIN))
			}
			return nil
		case "SIM PIN":
			if s.pinSent {
				break // Some modems take a moment to believe it.
			}
			if err := s.enterPIN(ready); err != nil {
				return err
			}
		case "SIM PUK":
			return fmt.Errorf("%w: it is locked and wants its PUK: put it into a phone and enter the PUK", ErrPIN)
		}
		if lifecycle.Pause(ready, time.Second) != nil && ctx.Err() == nil {
			return fmt.Errorf("%w (it says %q)", ErrSIM, state)
		}
	}
}

// simState asks what the SIM waits for; "" while it is busy.
func (s *session) simState(ctx context.Context) (string, error) {
	answer, err := s.engine.Do(ctx, at.Query("+CPIN?", "+CPIN:"))
	var cme *at.CMEError
	switch {
	case err == nil:
		return answer[0].Field("+CPIN:"), nil
	case errors.As(err, &cme) && cme.Code == cmeNoSIM:
		return "", fmt.Errorf("%w: %w", ErrSIM, err)
	case errors.As(err, &cme) && cme.Code == cmeSIMBusy, errors.Is(err, at.ErrIncomplete):
		return "", nil
	}
	return "", err
}

// enterPIN sends the PIN if it was never sent to this device without success. The attempt is noted before, and cleared
// when the SIM is ready after it, so that it may be sent again when the modem has lost power.
func (s *session) enterPIN(ctx context.Context) error {
	if s.cfg.PIN == "" {
		return ErrPIN
	}
	try := attempt(s.imei, s.cfg.PIN)
	tried, err := s.cfg.PINs.Tried(ctx, try)
	switch {
	case err != nil:
		return fmt.Errorf("look up whether the PIN was refused before: %w", err)
	case tried:
		return ErrPIN
	}
	if err := s.cfg.PINs.Begin(ctx, try); err != nil {
		return err
	}
	_, err = s.engine.Do(ctx, at.Command{Text: fmt.Sprintf("+CPIN=%q", s.cfg.PIN), Secret: s.cfg.PIN, Timeout: 20 * time.Second})
	if at.IsRefusal(err) {
		return fmt.Errorf("%w: %w", ErrPIN, err)
	}
	s.pinSent = true
	if errors.Is(err, at.ErrTimeout) {
		return nil
	}
	return err
}
