package modem

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// Codes of +CME ERROR about the SIM (3GPP TS 27.007, 9.2).
const (
	cmeNoSIM   = 10
	cmeSIMBusy = 14
)

// unlock waits for the SIM, and gives it its PIN once.
func (s *session) unlock(ctx context.Context) error {
	s.pinSent = false
	ready, cancel := context.WithTimeoutCause(ctx, s.cfg.SIMWait, ErrSIM)
	defer cancel()
	wait := backoff{least: s.cfg.RetryMin, most: time.Second}
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
				return s.clearPIN(ctx)
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
		if s.modem.pause(ready, wait.step()) != nil && ctx.Err() == nil {
			return fmt.Errorf("%w (it says %q)", ErrSIM, state)
		}
	}
}

// simState asks what the SIM waits for; what it says while it is busy or not found yet is for show.
func (s *session) simState(ctx context.Context) (string, error) {
	answer, err := s.engine.Do(ctx, at.Query("+CPIN?", "+CPIN:"))
	switch {
	case err == nil:
		return answer[len(answer)-1].Field("+CPIN:"), nil // An unsolicited one before it is older.
	case sms.IsBusy(err):
		return err.Error(), nil
	case errors.Is(err, at.ErrIncomplete):
		return "", nil
	}
	return "", err
}

// enterPIN sends the PIN unless it may have been refused by this SIM before, or only one try is left. The attempt is noted
// before, and cleared when the SIM is ready after it, so that it may be sent again when the modem has lost power.
func (s *session) enterPIN(ctx context.Context) error {
	pin := s.cfg.pin(s.iccid, s.imei)
	if pin == "" {
		return ErrPIN
	}
	s.cfg.unlocking.Lock()
	defer s.cfg.unlocking.Unlock()
	if state, err := s.simState(ctx); err != nil || state != "SIM PIN" { // Another port of this modem was quicker.
		return err
	}
	left, err := s.triesLeft(ctx)
	if err != nil {
		return err
	}
	if left == 0 || left == 1 {
		return fmt.Errorf("%w: it has %d tries left, and the last one is not ours to use: enter the PIN with a phone", ErrPIN, left)
	}
	for _, attempt := range s.attempts(pin) {
		if err := s.mayTry(ctx, attempt, left); err != nil {
			return err
		}
	}
	attempt := s.attempts(pin)[0]
	if err := s.cfg.PINs.Begin(ctx, attempt, left); err != nil {
		return err
	}
	s.pinSent = true
	_, err = s.engine.Do(ctx, at.Command{Text: fmt.Sprintf("+CPIN=%q", pin), Secret: pin, Timeout: 20 * time.Second})
	switch {
	case sms.IsBusy(err): // It was not looked at.
		s.pinSent = false
		return s.clearPIN(ctx)
	case at.IsRefusal(err):
		return fmt.Errorf("%w: %w", ErrPIN, errors.Join(err, s.cfg.PINs.Refuse(ctx, attempt)))
	case errors.Is(err, at.ErrTimeout):
		return nil
	}
	return err
}

// mayTry returns ErrPIN when the attempt was refused, or may have been. One that was begun and whose end nobody knows,
// because we were killed, may be begun again when the SIM says that it has as many tries left as before.
func (s *session) mayTry(ctx context.Context, attempt string, left int) error {
	note, err := s.cfg.PINs.Look(ctx, attempt)
	switch {
	case err != nil:
		return fmt.Errorf("look up whether the PIN was refused before: %w", err)
	case !note.Begun:
		return nil
	case note.Refused, left == unknownTries, note.Left != left:
		return fmt.Errorf("%w: the one that they have was sent before and did not prove right; when a phone takes it, remove what is in modem-pins in the data directory", ErrPIN)
	}
	return s.cfg.PINs.Clear(ctx, attempt)
}

// attempts names the PIN on this SIM: first as it is noted, then as it may have been noted when the SIM did not say its
// number.
func (s *session) attempts(pin string) []string {
	if s.iccid == "" {
		return []string{attempt(s.imei, pin)}
	}
	return []string{attempt(s.iccid, pin), attempt(s.imei, pin)}
}

func (s *session) clearPIN(ctx context.Context) error {
	var err error
	for _, attempt := range s.attempts(s.cfg.pin(s.iccid, s.imei)) {
		err = errors.Join(err, s.cfg.PINs.Clear(ctx, attempt))
	}
	return err
}
