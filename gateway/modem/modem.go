package modem

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
	"waybill/internal/lifecycle"
)

// Modem is one device. Run lives its life; the other methods may be called at any time.
type Modem struct {
	cfg Config

	mu     sync.Mutex // Guards what follows.
	status Status
	trace  at.TraceFunc
	port   *at.Trace // Of the present session, or nil.

	sending sync.Mutex  // Held while a text is sent, before mu.
	sender  *sms.Sender // Guarded by mu: of the present session once it is ready, or nil.
}

// New makes a modem; Run starts it.
func New(cfg Config) (*Modem, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m := &Modem{cfg: cfg}
	m.status = Status{Name: cfg.Name, State: Closed, Since: time.Now().UTC(), Registration: UnknownRegistration}
	return m, nil
}

// Run keeps the modem alive until the context ends, and returns nil then. Whatever happens to the device is no error of
// Run: it shows in Status, metrics and log, and the device is opened anew after a wait.
func (m *Modem) Run(ctx context.Context) error {
	defer m.enter(Closed)
	wait := backoff{least: m.cfg.RetryMin, most: m.cfg.RetryMax}
	for ctx.Err() == nil {
		ready, err := m.live(ctx)
		if ctx.Err() != nil {
			break
		}
		m.failed(ctx, err)
		if errors.Is(err, ErrPIN) {
			m.enter(PINRefused)
		} else {
			m.enter(Opening)
		}
		if ready {
			wait.reset()
		}
		if lifecycle.Pause(ctx, wait.step()) != nil {
			break
		}
	}
	return nil
}

// live is one session, from opening the port to losing it. It tells whether the modem got ready in it.
func (m *Modem) live(ctx context.Context) (ready bool, err error) {
	m.mu.Lock()
	blocked := m.status.State == PINRefused
	m.mu.Unlock()
	if !blocked {
		m.enter(Opening)
	}
	raw, err := m.cfg.Open(ctx)
	if err != nil {
		return false, err
	}
	m.cfg.Metrics.opened.WithLabelValues(m.cfg.Name).Inc()
	port := at.NewTrace(raw)
	s := newSession(m, at.New(port, m.cfg.AT))
	m.attach(port)
	defer func() {
		m.detach()
		if cerr := s.engine.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("close the port: %w", cerr)
		}
	}()
	if !blocked {
		m.enter(Initialising)
	}
	if err := s.initialise(ctx); err != nil {
		return false, err
	}
	m.ready(s.sender)
	return true, s.serve(ctx)
}

// Status gives what is known now.
func (m *Modem) Status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.status
	s.Memories = append([]MemoryStatus(nil), s.Memories...)
	return s
}

// Trace shows what passes on the line to the hook from now on, also over later sessions; nil ends it.
func (m *Modem) Trace(hook at.TraceFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trace = hook
	if m.port != nil {
		m.port.Set(hook)
	}
}

// Send sends a text, in parts where it is long, and returns the network's references of the parts. ErrNotReady and a
// refusal (at.IsRefusal) mean that the part in turn was not sent; after any other error its fate is unknown.
func (m *Modem) Send(ctx context.Context, to, text string) ([]int, error) {
	m.sending.Lock()
	defer m.sending.Unlock()
	m.mu.Lock()
	sender := m.sender
	m.mu.Unlock()
	if sender == nil {
		return nil, fmt.Errorf("send by modem %s: %w", m.cfg.Name, ErrNotReady)
	}
	refs, err := sender.Submit(ctx, to, text)
	if err != nil {
		return refs, fmt.Errorf("send by modem %s: %w", m.cfg.Name, err)
	}
	return refs, nil
}

func (m *Modem) attach(port *at.Trace) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.port = port
	port.Set(m.trace)
}

func (m *Modem) detach() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.port, m.sender = nil, nil
}

func (m *Modem) ready(sender *sms.Sender) {
	m.mu.Lock()
	m.sender = sender
	m.mu.Unlock()
	m.enter(Ready)
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
	m.update(func(s *Status) { s.LastError, s.LastErrorTime = err.Error(), time.Now().UTC() })
}
