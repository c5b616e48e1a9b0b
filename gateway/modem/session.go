package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// maxTimeouts is how many commands in a row may get no end before the modem counts as hung.
const maxTimeouts = 3

// maxRefusedSweeps is how many sweeps in a row the modem may refuse before it is set up anew: it may have lost what it was
// told, or its SIM.
const maxRefusedSweeps = 3

// session is one opening of the modem. All of it but the engine and what the listener tells is owned by Run's goroutine.
type session struct {
	modem  *Modem
	cfg    *Config
	engine *at.Engine
	store  *sms.Store
	sender *sms.Sender

	hint      chan struct{} // Cap 1: a memory should be looked into.
	restarted chan string   // Cap 1: what the modem said when it started anew.
	ended     chan struct{} // Closed when the stream has ended.
	listening sync.WaitGroup

	imei     string
	iccid    string
	imsi     string
	pinSent  bool
	memories []sms.Memory
	reports  reports
	swept    bool // All memories were read since the last initialisation.
	timeouts int
	refused  int // Sweeps in a row.
}

// newSession begins to listen to what the modem says unasked; close ends that, and the engine.
func newSession(m *Modem, engine *at.Engine) *session {
	s := &session{
		modem: m, cfg: &m.cfg, engine: engine, store: sms.NewStore(engine), sender: sms.NewSender(engine), reports: newReports(),
		hint: make(chan struct{}, 1), restarted: make(chan string, 1), ended: make(chan struct{}),
	}
	s.listening.Go(s.listen)
	return s
}

func (s *session) close() error {
	err := s.engine.Close()
	s.listening.Wait()
	s.cfg.release(s.modem)
	return err
}

// listen sorts what the modem says unasked, so that a long command keeps nothing from being heard.
func (s *session) listen() {
	defer close(s.ended)
	for u := range s.engine.Unsolicited() {
		s.reports.hear(u)
		switch {
		case isRestart(u.Text):
			select {
			case s.restarted <- u.Text:
			default:
			}
		case isArrival(u.Text):
			select {
			case s.hint <- struct{}{}:
			default:
			}
		}
	}
}

// forgetRestarts drops what the modem said about a restart that we wanted.
func (s *session) forgetRestarts() {
	select {
	case <-s.restarted:
	default:
	}
}

// run sets the modem up and serves until something fails. It tells whether the memories could be read meanwhile.
func (s *session) run(ctx context.Context) (swept bool, err error) {
	s.modem.begin(Initialising)
	s.swept, s.timeouts, s.refused = false, 0, 0
	if err := s.initialise(ctx); err != nil {
		return false, err
	}
	s.modem.become(s.sender)
	defer s.modem.become(nil)
	err = s.serve(ctx)
	return s.swept, err
}

// serve sweeps and polls until the modem is lost or the context ends.
func (s *session) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	reader := s.reader()
	var reading sync.WaitGroup
	reading.Go(func() { reader.run(ctx) })
	defer reading.Wait()
	defer cancel()
	poll := time.NewTicker(s.cfg.PollInterval)
	defer poll.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			return at.ErrClosed
		case code := <-s.restarted:
			return fmt.Errorf("%w: it said %s", ErrRestarted, code)
		case err = <-reader.results:
			err = s.sweptWith(err)
		case <-poll.C:
			if err = s.poll(ctx); err == nil {
				err = s.mendNetwork(ctx)
			}
		}
		if err := s.judge(ctx, err); err != nil {
			return err
		}
	}
}

// sweptWith counts sweeps that the modem refuses.
func (s *session) sweptWith(err error) error {
	switch {
	case err == nil:
		s.swept, s.refused = true, 0
	case at.IsRefusal(err):
		if s.refused++; s.refused >= maxRefusedSweeps {
			return fmt.Errorf("%w: %w", errUnusable, err)
		}
	}
	return err
}

// judge tells whether an error means that the modem must be reset; other errors are noted.
func (s *session) judge(ctx context.Context, err error) error {
	switch {
	case err == nil:
		s.timeouts = 0
		return nil
	case ctx.Err() != nil, at.IsLost(err), errors.Is(err, ErrPIN), errors.Is(err, ErrSIM), errors.Is(err, ErrDouble), errors.Is(err, errUnusable), errors.Is(err, errAnew):
		return err
	case errors.Is(err, at.ErrTimeout):
		if s.timeouts++; s.timeouts >= maxTimeouts {
			return fmt.Errorf("%d commands in a row got no answer: %w", s.timeouts, err)
		}
	}
	s.modem.failed(ctx, err)
	return nil
}

// isArrival tells whether the code means that a memory should be looked into.
func isArrival(code string) bool {
	for _, c := range []string{"+CMTI:", "+CDSI:", "+CDS:", "^SMMEMFULL", "+WMGF", "^SMGO:", `+QIND: "smsfull"`} {
		if strings.HasPrefix(code, c) {
			return true
		}
	}
	return false
}

// isRestart tells whether the code is what modems say after switching on.
func isRestart(code string) bool {
	switch code {
	case "RDY", "^SYSSTART", "MODEM:STARTUP", "NORMAL POWER DOWN", "+WIND: 3":
		return true
	}
	return false
}
