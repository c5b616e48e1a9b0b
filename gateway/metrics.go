package gateway

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	fixes    *prometheus.CounterVec // road, outcome
	events   *prometheus.CounterVec // road, alarm
	rejected *prometheus.CounterVec // road, reason
	silent   *prometheus.CounterVec // road
	deferred *prometheus.CounterVec // road
	dropped  *prometheus.CounterVec // cause
}

func newMetrics(registry prometheus.Registerer) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "waybill", Subsystem: "gateway", Name: name, Help: help}, labels)
		registry.MustRegister(c)
		return c
	}
	return &metrics{
		fixes:    counter("fixes_total", "Fixes that came in, by what became of them.", "road", "outcome"),
		events:   counter("alarms_without_fix_total", "Alarms that came without a fix that could be stored, by what they warn of.", "road", "alarm"),
		rejected: counter("rejected_total", "Reports that were rejected, by reason.", "road", "reason"),
		silent:   counter("messages_without_report_total", "Messages that were understood and are no report.", "road"),
		deferred: counter("deferred_total", "Messages that were not acknowledged, because a store was away: they come again.", "road"),
		dropped:  counter("rejected_dropped_total", "Rejected reports that are not kept any more, by cause: bound (the oldest went), flood (never written).", "cause"),
	}
}

func (c *metrics) count(m *Message, t Tally) {
	if t.Stored+t.Duplicates+t.Events+len(t.Rejected) == 0 {
		c.silent.WithLabelValues(m.Road).Inc()
		return
	}
	c.fixes.WithLabelValues(m.Road, "stored").Add(float64(t.Stored))
	c.fixes.WithLabelValues(m.Road, "duplicate").Add(float64(t.Duplicates))
	for i := range t.Rejected {
		c.rejected.WithLabelValues(m.Road, string(t.Rejected[i].Reason)).Inc()
	}
}
