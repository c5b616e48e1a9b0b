package watch

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waybill/gateway/modem"
)

// mostPending bounds the changes that wait for the database. Modems are few, so this is days of trouble.
const mostPending = 4096

// Pool is the modems that are watched; it is [*modem.Pool].
type Pool interface {
	Modems() []*modem.Modem
	// Covers tells whether the settings have a modem at the path, there or not.
	Covers(path string) bool
}

// Config is what a Watch needs. Zero values take the defaults named.
type Config struct {
	Gateway string // The name of this gateway, which stays the same over restarts.
	Pool    Pool
	Store   Store
	Limits  Limits
	Every   time.Duration // How often the modems are looked at: 1 s.
	Logger  *slog.Logger
}

// key tells conditions apart.
type key struct {
	modem     string
	condition Condition
}

// Watch finds conditions and keeps their alerts.
type Watch struct {
	cfg   Config
	gauge *prometheus.GaugeVec
	lost  prometheus.Counter
	wake  chan struct{} // Cap 1: there is something to store.

	mu      sync.Mutex        // Guards what follows.
	held    map[key]Alert     // What holds.
	since   map[key]time.Time // Since when it seems to, where it has to last.
	pending []Alert           // What the store does not have yet, in order.
	dropped int               // How many went from the front of pending to keep its bound.
	adopted bool              // What the store had from before is in held.
}

// New makes a watch; Run starts it. Its metrics are registered with the registry.
func New(cfg Config, registry prometheus.Registerer) *Watch {
	cfg.Limits = cfg.Limits.withDefaults()
	cfg.Every = cmp.Or(cfg.Every, time.Second)
	w := &Watch{
		cfg: cfg, wake: make(chan struct{}, 1), held: make(map[key]Alert), since: make(map[key]time.Time),
		gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "waybill", Subsystem: "modem", Name: "alert", Help: "1 while the condition of the modem holds.",
		}, []string{"modem", "condition"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "waybill", Subsystem: "modem", Name: "alerts_dropped_total",
			Help: "Beginnings and ends of conditions that could not be kept, because the database was away for too long.",
		}),
	}
	registry.MustRegister(w.gauge, w.lost)
	return w
}

// Run watches until the context ends, and returns nil then.
func (w *Watch) Run(ctx context.Context) error {
	var storing sync.WaitGroup
	defer storing.Wait()
	storing.Go(func() { w.store(ctx) })
	tick := time.NewTicker(w.cfg.Every)
	defer tick.Stop()
	for {
		for _, m := range w.cfg.Pool.Modems() {
			status := m.Status()
			w.observe(ctx, &status, time.Now().UTC())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// observe compares a modem's status with what holds of it.
func (w *Watch) observe(ctx context.Context, s *modem.Status, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range Conditions() {
		k := key{s.Name, c}
		alert, held := w.held[k]
		f := w.cfg.Limits.find(c, s, held, now)
		switch {
		case f.verdict == over:
			delete(w.since, k)
			if held {
				alert.Closed = now
				delete(w.held, k)
				w.change(ctx, alert)
			}
		case f.verdict == holds && !held:
			if _, begun := w.since[k]; !begun {
				w.since[k] = now
			}
			if now.Sub(w.since[k]) >= w.cfg.Limits.patience(c) {
				alert = Alert{Gateway: w.cfg.Gateway, Modem: s.Name, Path: s.Path, Condition: c, Value: f.value, Detail: f.detail, Opened: now}
				w.held[k] = alert
				w.change(ctx, alert)
			}
		}
		value := 0.0
		if _, held := w.held[k]; held {
			value = 1
		}
		w.gauge.WithLabelValues(s.Name, string(c)).Set(value)
	}
}

// change tells of a beginning or an end, with mu held.
func (w *Watch) change(ctx context.Context, a Alert) {
	if a.Closed.IsZero() {
		w.cfg.Logger.WarnContext(ctx, "alert", "modem", a.Modem, "condition", string(a.Condition), "detail", a.Detail)
	} else {
		w.cfg.Logger.InfoContext(ctx, "alert is over", "modem", a.Modem, "condition", string(a.Condition), "since", a.Opened)
	}
	w.pending = append(w.pending, a)
	if n := len(w.pending) - mostPending; n > 0 {
		w.pending = slices.Delete(w.pending, 0, n)
		w.dropped += n
		w.lost.Add(float64(n))
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Notes says what holds of modems that receive, or try to, for readiness: those that don't are named by the pool.
func (w *Watch) Notes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var notes []string
	for _, k := range slices.SortedFunc(maps.Keys(w.held), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.modem, b.modem), cmp.Compare(a.condition, b.condition))
	}) {
		switch k.condition {
		case MemoryNearlyFull, WeakSignal, NotRegistered, Hanging:
			a := w.held[k]
			notes = append(notes, fmt.Sprintf("%s: %s, since %s", a.Modem, a.Detail, a.Opened.Format(time.DateTime+" UTC")))
		case PINRefused, SIMMissing, Unplugged:
		}
	}
	return notes
}
