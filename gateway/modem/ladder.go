package modem

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/gateway/modem/at"
)

// Rung is a way to get a modem into order again, from the mildest to the hardest.
type Rung string

// The rungs. The first three are for a modem that fails, the others for one that has lost its network.
const (
	Reinitialise  Rung = "reinitialise"   // Synchronise and set it up anew, on the same port.
	Restart       Rung = "restart"        // CFUN=1,1: the modem starts anew.
	Reopen        Rung = "reopen"         // Close the port and open it by its path, wherever that leads now.
	SelectNetwork Rung = "select_network" // COPS=0: look for a network.
	CycleRadio    Rung = "cycle_radio"    // CFUN=0, CFUN=1: switch the radio off and on.
)

// ladder chooses the rung. It is reset when the modem has read its memories again.
type ladder struct{ failures int }

func (l *ladder) reset() { l.failures = 0 }

// next gives the rung after a failure; known tells whether there is a modem at all that could restart. What a person has
// to mend (PIN, SIM) is looked at again by opening anew, and a SIM that doesn't get ready is worth one restart.
func (l *ladder) next(err error, known bool) Rung {
	l.failures++
	switch {
	case errors.Is(err, at.ErrClosed), errors.Is(err, ErrPIN), errors.Is(err, ErrDouble):
		return Reopen
	case errors.Is(err, ErrRestarted):
		return Reinitialise
	case errors.Is(err, ErrSIM):
		if l.failures == 2 && known {
			return Restart
		}
		return Reopen
	case l.failures == 1:
		return Reinitialise
	case l.failures%2 == 0 && known:
		return Restart
	}
	return Reopen
}

// climb does what the next rung asks for and says whether the session goes on. If not, the port is to be opened anew.
func (s *session) climb(ctx context.Context, cause error, wait *backoff) (again bool, err error) {
	rung := s.modem.ladder.next(cause, s.modem.Status().IMEI != "")
	switch {
	case rung != Reopen:
		s.modem.failed(ctx, cause)
	case s.modem.idle(cause) != Opening: // Not the modem's fault, so no rung of its ladder.
		return false, cause
	}
	s.reset(ctx, rung)
	if !errors.Is(cause, at.ErrClosed) {
		s.modem.update(func(st *Status) { st.LastHangTime = time.Now().UTC() })
	}
	switch rung {
	case Reinitialise:
	case Restart:
		if err := s.restart(ctx); err != nil {
			s.reset(ctx, Reopen)
			return false, err
		}
	case Reopen, SelectNetwork, CycleRadio:
		return false, cause
	}
	return s.modem.pause(ctx, wait.step()) == nil, cause
}

// reset notes that a rung is climbed.
func (s *session) reset(ctx context.Context, rung Rung) {
	s.cfg.Metrics.resets.WithLabelValues(s.cfg.Name, string(rung)).Inc()
	s.cfg.Logger.InfoContext(ctx, "the modem is reset", "rung", string(rung))
	s.modem.update(func(st *Status) {
		st.LastReset, st.LastResetTime = rung, time.Now().UTC()
		st.Resets++
	})
}

// restart tells the modem to start anew and waits until it answers again. One that doesn't answer may listen all the
// same, so it is told without asking. A modem on USB goes away instead: its port is then opened by its path.
func (s *session) restart(ctx context.Context) error {
	s.modem.begin(Initialising)
	_, err := s.engine.Do(ctx, at.Command{Text: "+CFUN=1,1", Blind: true, Resets: true})
	answered := err == nil || at.IsRefusal(err)
	patience, cancel := context.WithTimeout(ctx, s.cfg.RestartWait)
	defer cancel()
	for !errors.Is(err, at.ErrClosed) {
		if _, err = s.engine.Do(patience, at.Set("")); err == nil {
			s.forgetRestarts()
			return nil
		}
		if !answered || patience.Err() != nil { // It has had its probes.
			return fmt.Errorf("the modem did not come back from a restart: %w", at.ErrNoSync)
		}
	}
	return fmt.Errorf("the modem went away to restart: %w", err)
}
