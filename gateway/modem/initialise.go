package modem

import (
	"context"
	"fmt"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// initialise brings the modem from whatever state it is in to one in which it receives.
func (s *session) initialise(ctx context.Context) error {
	for _, optional := range []string{"E0", "+CMEE=1"} {
		if _, err := s.engine.Do(ctx, at.Set(optional)); err != nil && !at.IsRefusal(err) {
			return err
		}
	}
	if err := s.identify(ctx); err != nil {
		return err
	}
	if err := s.radioOn(ctx); err != nil {
		return err
	}
	if err := s.unlock(ctx); err != nil {
		return err
	}
	if err := s.settle(ctx, s.setUp); err != nil {
		return err
	}
	return s.poll(ctx)
}

// setUp reads the SIM and has the modem store and announce what comes in.
func (s *session) setUp(ctx context.Context) error {
	if err := s.identifySIM(ctx); err != nil {
		return err
	}
	if err := s.cfg.claim(s.modem, s.imei, s.imsi); err != nil {
		return err
	}
	indication, err := sms.Setup(ctx, s.engine)
	if err != nil {
		return err
	}
	s.reports.stored = indication.Reports
	if s.memories, err = s.store.Memories(ctx); err != nil {
		return err
	}
	s.cfg.Logger.InfoContext(ctx, "the modem is set up", "imsi", s.imsi, "memories", s.memories, "indication", indication.Command)
	return nil
}

// settle repeats a step that the SIM or the message service is not ready for yet, as it may be for some time after the
// PIN and after CFUN.
func (s *session) settle(ctx context.Context, step func(ctx context.Context) error) error {
	patience, cancel := context.WithTimeout(ctx, s.cfg.SIMWait)
	defer cancel()
	wait := backoff{least: s.cfg.RetryMin, most: s.cfg.RetryMax}
	for {
		err := step(ctx)
		if !sms.IsBusy(err) {
			return err
		}
		if s.modem.pause(patience, wait.step()) != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%w: %w", ErrSIM, err)
		}
	}
}
