package outbound

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what is sent.
type Metrics struct {
	queue   *prometheus.GaugeVec
	oldest  *prometheus.GaugeVec
	handed  *prometheus.CounterVec
	failed  *prometheus.CounterVec
	swept   *prometheus.CounterVec
	reports *prometheus.CounterVec
}

// NewMetrics makes the counters and registers them. It fails when the registry has them already.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := newMetrics()
	var err error
	for _, c := range []prometheus.Collector{m.queue, m.oldest, m.handed, m.failed, m.swept, m.reports} {
		err = errors.Join(err, registry.Register(c))
	}
	return m, err
}

func newMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "waybill", Subsystem: "texts", Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "waybill", Subsystem: "texts", Name: name, Help: help}, labels)
	}
	return &Metrics{
		queue:   gauge("open", "Texts that have not come to their end.", "priority", "state"),
		oldest:  gauge("oldest_seconds", "How long the oldest text in the queue has waited.", "priority"),
		handed:  counter("handed_total", "Messages (parts of texts) handed to a modem, by what it answered: taken, refused, rejected, lost, kept.", "modem", "result"),
		failed:  counter("failed_total", "Texts that were refused for good or lost from sight, by the last error.", "code"),
		swept:   counter("ended_by_time_total", "Texts that came to their end by time, by state.", "state"),
		reports: counter("reports_total", "Delivery reports, by what was done with them: used, repeated, early, nobody's, broken.", "modem", "result"),
	}
}

// depth shows what is open.
func (m *Metrics) depth(depths []Depth, now time.Time) {
	m.queue.Reset()
	for _, p := range []Priority{Command, Reply, Notice} {
		m.oldest.WithLabelValues(p.String()).Set(0)
	}
	for _, d := range depths {
		m.queue.WithLabelValues(d.Priority.String(), string(d.State)).Set(float64(d.Count))
		if d.State == Queued {
			m.oldest.WithLabelValues(d.Priority.String()).Set(max(0, now.Sub(d.Oldest).Seconds()))
		}
	}
}

// result is the label for a verdict.
func (v verdict) result() string {
	switch v.fate {
	case Taken:
		return "taken"
	case Deferred:
		return "refused"
	case Rejected:
		return "rejected"
	case Lost:
		return "lost"
	case Kept:
	}
	return "kept"
}
