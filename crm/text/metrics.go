package text

import (
	"github.com/prometheus/client_golang/prometheus"

	"waybill/crm/interaction"
)

// Metrics count texts with people.
type Metrics struct {
	in      *prometheus.CounterVec
	out     *prometheus.CounterVec
	waiting prometheus.Gauge
}

// NewMetrics makes the metrics; they are to be registered.
func NewMetrics() *Metrics {
	return &Metrics{
		in: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waybill_crm_texts_received_total", Help: "Texts of people, by what they ask for and what became of them.",
		}, []string{"topic", "outcome"}),
		out: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waybill_crm_texts_sent_total", Help: "Texts to people, by what became of them on the way to the gateway.",
		}, []string{"outcome"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "waybill_crm_texts_waiting", Help: "Texts to people that the gateway doesn't have yet.",
		}),
	}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(c chan<- *prometheus.Desc) {
	m.in.Describe(c)
	m.out.Describe(c)
	m.waiting.Describe(c)
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(c chan<- prometheus.Metric) {
	m.in.Collect(c)
	m.out.Collect(c)
	m.waiting.Collect(c)
}

func (m *Metrics) received(topic interaction.Topic, outcome interaction.Outcome) {
	m.in.WithLabelValues(string(topic), string(outcome)).Inc()
}
