package mqtt

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type endpointMetrics struct {
	connected      prometheus.Gauge
	refused        *prometheus.CounterVec // reason: full, password, unavailable
	publishes      [4]prometheus.Counter  // by QoS; 3 can't be
	latency        prometheus.Histogram
	unacknowledged prometheus.Counter
	lost           prometheus.Counter
}

func newEndpointMetrics(registry prometheus.Registerer) *endpointMetrics {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "waybill", Subsystem: "mqtt", Name: name, Help: help}
	}
	publishes := prometheus.NewCounterVec(prometheus.CounterOpts(opts("publishes_total", "Publishes of devices, by quality of service.")), []string{"qos"})
	m := &endpointMetrics{
		connected: prometheus.NewGauge(prometheus.GaugeOpts(opts("connected", "Devices that are connected."))),
		refused:   prometheus.NewCounterVec(prometheus.CounterOpts(opts("refused_total", "Connections that were refused, by reason.")), []string{"reason"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "waybill", Subsystem: "mqtt", Name: "acknowledge_seconds",
			Help:    "From a publish with QoS 1 or 2 in hand to its acknowledgement written.",
			Buckets: []float64{.001, .0025, .005, .01, .02, .035, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		unacknowledged: prometheus.NewCounter(prometheus.CounterOpts(opts("unacknowledged_total", "Publishes left without an acknowledgement: they come again."))),
		lost:           prometheus.NewCounter(prometheus.CounterOpts(opts("lost_total", "Publishes with QoS 0 that could not be taken: they are lost."))),
	}
	for qos := range m.publishes {
		m.publishes[qos] = publishes.WithLabelValues(strconv.Itoa(qos))
	}
	publishes.DeleteLabelValues("3")
	registry.MustRegister(m.connected, m.refused, publishes, m.latency, m.unacknowledged, m.lost)
	return m
}
