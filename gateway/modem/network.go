package modem

import (
	"context"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// longestNetworkWait bounds the time between two tries to find a network, unless the settings have a longer one.
const longestNetworkWait = time.Hour

// How long modems may take to look for a network, and to switch their radio.
const (
	selectTimeout = 3 * time.Minute
	radioTimeout  = 30 * time.Second
)

// network is what is done about a network that is lost. It is owned by Run's goroutine.
type network struct {
	lost  time.Time // Since when; zero while there is one.
	due   time.Time // When the next thing is tried.
	tries int
	wait  backoff
}

// mendNetwork does something about a network that has been lost for long: first the modem is told to look for one, then
// its radio is switched off and on, in turns and with longer and longer waits.
func (s *session) mendNetwork(ctx context.Context) error {
	n := &s.modem.network
	now := time.Now()
	switch s.modem.Status().Registration {
	case Home, Roaming, UnknownRegistration: // One that doesn't tell is left alone.
		n.lost, n.tries = time.Time{}, 0
		n.wait.reset()
		s.modem.update(func(st *Status) { st.Lost = time.Time{} })
		return nil
	case NotRegistered, Searching, Denied:
	}
	if n.lost.IsZero() {
		n.lost, n.due = now, now.Add(n.wait.step())
		s.modem.update(func(st *Status) { st.Lost = now.UTC() })
	}
	if now.Before(n.due) {
		return nil
	}
	n.tries++
	defer func() { n.due = time.Now().Add(n.wait.step()) }()
	if n.tries%2 == 1 {
		s.reset(ctx, SelectNetwork)
		_, err := s.engine.Do(ctx, at.Command{Text: "+COPS=0", Timeout: selectTimeout})
		return err
	}
	s.reset(ctx, CycleRadio)
	return s.cycleRadio(ctx)
}

// cycleRadio switches the radio off and on, and returns errAnew: the SIM may want its PIN again.
func (s *session) cycleRadio(ctx context.Context) error {
	off, err := s.radioOff(ctx)
	if err != nil || off == "" {
		return err
	}
	if _, err := s.engine.Do(ctx, at.Command{Text: off, Timeout: radioTimeout}); err != nil {
		return err
	}
	if _, err := s.engine.Do(ctx, at.Command{Text: "+CFUN=1", Timeout: radioTimeout}); err != nil {
		return err
	}
	return errAnew
}

// radioOff gives the mildest way to switch the radio off that the modem offers; nothing when it offers none.
func (s *session) radioOff(ctx context.Context) (string, error) {
	answer, err := s.engine.Do(ctx, at.Query("+CFUN=?", "+CFUN:"))
	if at.IsRefusal(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	offered := answer[0].Field("+CFUN:")
	switch {
	case sms.Offers(offered, 0, 0):
		return "+CFUN=0", nil
	case sms.Offers(offered, 0, 4):
		return "+CFUN=4", nil
	}
	return "", nil
}

// radioOn switches on a radio that is off, because somebody, or we in an earlier life, did not come to it.
func (s *session) radioOn(ctx context.Context) error {
	line, err := s.ask(ctx, at.Query("+CFUN?", "+CFUN:"))
	if err != nil {
		return err
	}
	switch (at.Line{Text: line}).Field("+CFUN:") {
	case "0", "4":
		_, err := s.engine.Do(ctx, at.Command{Text: "+CFUN=1", Timeout: radioTimeout})
		if at.IsRefusal(err) {
			s.modem.failed(ctx, err)
			return nil
		}
		return err
	}
	return nil
}
