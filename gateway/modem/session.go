package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// maxTimeouts is how many commands in a row may get no end before the modem counts as hung.
const maxTimeouts = 3

// session is one opening of the modem. All of it but the engine is owned by Run's goroutine.
type session struct {
	modem  *Modem
	cfg    *Config
	engine *at.Engine
	store  *sms.Store
	sender *sms.Sender

	imei     string
	imsi     string
	pinSent  bool
	memories []sms.Memory
	done     handled
	wait     backoff // Between sweeps that left something undone.
	late     bool    // The last sweep left something undone: indications don't hurry the next.
	timeouts int
}

func newSession(m *Modem, engine *at.Engine) *session {
	return &session{
		modem: m, cfg: &m.cfg, engine: engine, store: sms.NewStore(engine), sender: sms.NewSender(engine),
		done: handled{}, wait: backoff{least: m.cfg.RetryMin, most: m.cfg.RetryMax},
	}
}

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
	if err := s.unlock(ctx); err != nil {
		return err
	}
	imsi, err := s.ask(ctx, at.Command{Text: "+CIMI", Match: at.Digits, Least: 1})
	if err != nil {
		return err
	}
	s.imsi = imsi
	s.modem.update(func(st *Status) { st.IMSI = imsi })
	indication, err := sms.Setup(ctx, s.engine)
	if err != nil {
		return err
	}
	if s.memories, err = s.store.Memories(ctx); err != nil {
		return err
	}
	s.cfg.Logger.InfoContext(ctx, "the modem is set up", "imsi", imsi, "memories", s.memories, "indication", indication.Command)
	return s.poll(ctx)
}

// identify reads who the modem is. All but the IMEI is for show.
func (s *session) identify(ctx context.Context) error {
	var id [4]string
	for i, cmd := range []at.Command{
		at.Free("+CGMI"), at.Free("+CGMM"), at.Free("+CGMR"), {Text: "+CGSN", Match: at.Digits, Least: 1},
	} {
		var err error
		if id[i], err = s.ask(ctx, cmd); err != nil {
			return err
		}
	}
	s.imei = id[3]
	s.modem.update(func(st *Status) { st.Maker, st.Model, st.Revision, st.IMEI = id[0], id[1], id[2], id[3] })
	return nil
}

// ask gives the first line of an answer, or nothing when the modem won't say.
func (s *session) ask(ctx context.Context, cmd at.Command) (string, error) {
	answer, err := s.engine.Do(ctx, cmd)
	if at.IsRefusal(err) || errors.Is(err, at.ErrIncomplete) {
		return "", nil
	}
	return answer.First(), err
}

// serve sweeps and polls until the modem is lost or the context ends.
func (s *session) serve(ctx context.Context) error {
	sweep := time.NewTimer(0)
	defer sweep.Stop()
	poll := time.NewTicker(s.cfg.PollInterval)
	defer poll.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case u, open := <-s.engine.Unsolicited():
			switch {
			case !open:
				return at.ErrClosed
			case restarted(u.Text):
				return fmt.Errorf("%w: it said %s", ErrRestarted, u.Text)
			case arrived(u.Text) && !s.late:
				sweep.Reset(0)
			}
			continue
		case <-sweep.C:
			var next time.Duration
			next, err = s.sweep(ctx)
			sweep.Reset(next)
		case <-poll.C:
			err = s.poll(ctx)
		}
		if err := s.judge(ctx, err); err != nil {
			return err
		}
	}
}

// judge tells whether an error means that the modem must be opened anew; other errors are noted.
func (s *session) judge(ctx context.Context, err error) error {
	switch {
	case err == nil:
		s.timeouts = 0
		return nil
	case ctx.Err() != nil, at.IsLost(err):
		return err
	case errors.Is(err, at.ErrTimeout):
		if s.timeouts++; s.timeouts >= maxTimeouts {
			return fmt.Errorf("%d commands in a row got no answer: %w", s.timeouts, err)
		}
	}
	s.modem.failed(ctx, err)
	return nil
}

// arrived tells whether the code means that a memory should be looked into.
func arrived(code string) bool {
	for _, c := range []string{"+CMTI:", "+CDSI:", "^SMMEMFULL", "+WMGF"} {
		if strings.HasPrefix(code, c) {
			return true
		}
	}
	return false
}

// restarted tells whether the code is what modems say after switching on.
func restarted(code string) bool {
	switch code {
	case "RDY", "^SYSSTART", "MODEM:STARTUP", "NORMAL POWER DOWN":
		return true
	}
	return false
}
