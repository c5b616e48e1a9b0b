package modem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// Modem is one device. Run lives its life; the other methods may be called at any time.
type Modem struct {
	cfg  Config
	taps at.Taps
	wake chan struct{} // Cap 1: something has changed that a pause should not outlast.

	// Owned by Run's goroutine, over all sessions.
	ladder  ladder
	network network
	refusal refusals

	mu     sync.Mutex // Guards what follows.
	status Status

	sending sync.Mutex  // Held while a text is sent, before mu.
	sender  *sms.Sender // Guarded by mu: of the present session while it is ready, or nil.
}

// New makes a modem; Run starts it.
func New(cfg Config) (*Modem, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m := &Modem{cfg: cfg, wake: make(chan struct{}, 1)}
	m.network.wait = backoff{least: cfg.NetworkWait, most: max(cfg.NetworkWait, longestNetworkWait)}
	m.status = Status{Name: cfg.Name, Path: cfg.Path, State: Closed, Since: time.Now().UTC(), Registration: UnknownRegistration, Temperature: math.NaN()}
	return m, nil
}

// Name is the modem's name in the settings.
func (m *Modem) Name() string { return m.cfg.Name }

// Run keeps the modem alive until the context ends, and returns nil then. Whatever happens to the device is no error of
// Run: it shows in Status, metrics and log, and the device is opened anew after a wait.
func (m *Modem) Run(ctx context.Context) error {
	defer m.enter(Closed)
	wait := backoff{least: m.cfg.RetryMin, most: m.cfg.RetryMax}
	for ctx.Err() == nil {
		healthy, err := m.live(ctx)
		if ctx.Err() != nil {
			break
		}
		m.failed(ctx, err)
		m.enter(m.idle(err))
		if healthy {
			wait.reset()
		}
		if m.pause(ctx, wait.step()) != nil {
			break
		}
	}
	return nil
}

// idle is the state between two openings.
func (m *Modem) idle(err error) State {
	switch {
	case errors.Is(err, ErrPIN):
		return PINRefused
	case errors.Is(err, ErrSIM):
		return SIMMissing
	case errors.Is(err, ErrDouble):
		return Double
	case errors.Is(err, fs.ErrNotExist):
		return Unplugged
	}
	return Opening
}

// live is one opening of the port, to its loss. It tells whether the modem got into order in it.
func (m *Modem) live(ctx context.Context) (healthy bool, err error) {
	m.begin(Opening)
	raw, err := m.cfg.Open(ctx)
	if err != nil {
		return false, err
	}
	m.cfg.Metrics.opened.WithLabelValues(m.cfg.Name).Inc()
	s := newSession(m, at.New(at.NewTrace(raw, &m.taps), m.cfg.AT))
	defer func() {
		if cerr := s.close(); cerr != nil && err == nil {
			err = fmt.Errorf("close the port: %w", cerr)
		}
	}()
	wait := backoff{least: m.cfg.RetryMin, most: m.cfg.RetryMax}
	for {
		swept, err := s.run(ctx)
		if swept {
			healthy = true
			wait.reset()
			m.ladder.reset()
		}
		switch {
		case ctx.Err() != nil:
			return healthy, err
		case errors.Is(err, errAnew):
			continue
		}
		again, err := s.climb(ctx, err, &wait)
		if !again {
			return healthy, err
		}
	}
}

// pause waits, or returns earlier when the modem is woken.
func (m *Modem) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-m.wake:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Wake ends a pause: the modem is tried at once.
func (m *Modem) Wake() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Status gives what is known now.
func (m *Modem) Status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.status
	s.Memories = append([]MemoryStatus(nil), s.Memories...)
	return s
}

// Tap has the function see each line that passes between the modem and us from now on, also over later sessions, until
// remove is called. It has to be quick; after remove has returned it is not called any more.
func (m *Modem) Tap(see func(at.Passed)) (remove func()) { return m.taps.Add(see) }

// become makes the sender that of a session that is ready; with nil the modem can't send.
func (m *Modem) become(sender *sms.Sender) {
	m.mu.Lock()
	m.sender = sender
	m.mu.Unlock()
	if sender != nil {
		m.enter(Ready)
	}
}

// begin enters a state on the way up, unless the modem stands in one that a person has to look after: it stays in that
// until it is ready.
func (m *Modem) begin(state State) {
	switch m.Status().State {
	case PINRefused, SIMMissing, Double:
		return
	case Unplugged:
		if state == Opening {
			return
		}
	case Closed, Opening, Initialising, Ready:
	}
	m.enter(state)
}

func (m *Modem) enter(state State) {
	m.update(func(s *Status) {
		if s.State != state {
			s.State, s.Since = state, time.Now().UTC()
		}
	})
	up := 0.0
	if state == Ready {
		up = 1
	}
	if state == Opening || state == Unplugged {
		m.cfg.Metrics.silent(m.cfg.Name)
	}
	m.cfg.Metrics.ready.WithLabelValues(m.cfg.Name).Set(up)
}

func (m *Modem) update(change func(*Status)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.status)
}

// failed notes what went wrong.
func (m *Modem) failed(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	m.cfg.Metrics.problems.WithLabelValues(m.cfg.Name, kind(err)).Inc()
	m.cfg.Logger.WarnContext(ctx, "the modem failed", "error", err)
	m.update(func(s *Status) { s.LastError, s.LastErrorTime = clean(err.Error()), time.Now().UTC() })
}
