package custody

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what consumers do. Several may share one.
type Metrics struct {
	taken   prometheus.Counter
	failed  prometheus.Counter
	blocked prometheus.Gauge
}

// NewMetrics makes them, to be registered by the caller: it is a collector.
func NewMetrics() *Metrics {
	return &Metrics{
		taken: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "waybill_crm_transitions_total", Help: "Transitions taken from the outbox.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "waybill_crm_transition_failures_total", Help: "Times that a vehicle's transitions could not be followed.",
		}),
		blocked: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "waybill_crm_blocked_vehicles", Help: "Vehicles whose transitions wait in the outbox after a failure.",
		}),
	}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, ch) }

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.taken.Collect(ch)
	m.failed.Collect(ch)
	m.blocked.Collect(ch)
}
