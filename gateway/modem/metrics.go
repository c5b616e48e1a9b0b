package modem

import (
	"errors"
	"math"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waybill/gateway/modem/at"
)

// Metrics are the counters of all modems of a process, told apart by the label "modem".
type Metrics struct {
	read        *prometheus.CounterVec
	parts       *prometheus.CounterVec
	deleted     *prometheus.CounterVec
	ineffective *prometheus.CounterVec
	refused     *prometheus.CounterVec
	problems    *prometheus.CounterVec
	opened      *prometheus.CounterVec
	signal      *prometheus.GaugeVec
	used        *prometheus.GaugeVec
	capacity    *prometheus.GaugeVec
	ready       *prometheus.GaugeVec
	registered  *prometheus.GaugeVec
	temperature *prometheus.GaugeVec
	resets      *prometheus.CounterVec
	info        *prometheus.GaugeVec
}

// NewMetrics makes the counters and registers them. It fails when the registry has them already.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := newMetrics()
	var err error
	for _, c := range []prometheus.Collector{
		m.read, m.parts, m.deleted, m.ineffective, m.refused, m.problems, m.opened, m.signal, m.used, m.capacity, m.ready,
		m.registered, m.temperature, m.resets, m.info,
	} {
		err = errors.Join(err, registry.Register(c))
	}
	return m, err
}

func newMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		opts := prometheus.CounterOpts{Namespace: "waybill", Subsystem: "modem", Name: name, Help: help}
		return prometheus.NewCounterVec(opts, append([]string{"modem"}, labels...))
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		opts := prometheus.GaugeOpts{Namespace: "waybill", Subsystem: "modem", Name: name, Help: help}
		return prometheus.NewGaugeVec(opts, append([]string{"modem"}, labels...))
	}
	return &Metrics{
		read:        counter("texts_read_total", "Texts that were committed, long ones not counted."),
		parts:       counter("parts_kept_total", "Parts of long texts that were committed."),
		deleted:     counter("messages_deleted_total", "Messages (parts of texts) whose deletion the modem confirmed."),
		ineffective: counter("deletions_ineffective_total", "Messages that were still there after a confirmed deletion."),
		refused:     counter("texts_deferred_total", "Texts that could not be committed and stay on the SIM for now."),
		problems:    counter("errors_total", "Failures of the modem.", "kind"),
		opened:      counter("opened_total", "How often the modem's port was opened."),
		signal:      gauge("signal_dbm", "Signal strength; absent when unknown."),
		used:        gauge("memory_used", "Messages in a memory.", "memory"),
		capacity:    gauge("memory_capacity", "Messages that a memory can hold.", "memory"),
		ready:       gauge("ready", "1 while the modem receives."),
		registered:  gauge("registered", "1 while the network has the SIM registered."),
		temperature: gauge("temperature_celsius", "Temperature, of modems that tell it."),
		resets:      counter("resets_total", "How often a modem, or its network, was to be got back.", "rung"),
		info:        gauge("info", "1, with what the modem and its SIM are.", "model", "imei", "iccid", "operator"),
	}
}

// show sets the gauges of what was polled.
func (m *Metrics) show(s *Status) {
	set := func(gauge *prometheus.GaugeVec, value float64, known bool) {
		if known {
			gauge.WithLabelValues(s.Name).Set(value)
		} else {
			gauge.DeleteLabelValues(s.Name)
		}
	}
	set(m.signal, float64(s.Signal), s.Signal != 0)
	set(m.temperature, s.Temperature, !math.IsNaN(s.Temperature))
	registered := 0.0
	if s.Registration == Home || s.Registration == Roaming {
		registered = 1
	}
	set(m.registered, registered, s.Registration != UnknownRegistration)
	m.info.DeletePartialMatch(prometheus.Labels{"modem": s.Name})
	m.info.WithLabelValues(s.Name, strings.TrimSpace(s.Maker+" "+s.Model), s.IMEI, s.ICCID, s.Operator).Set(1)
}

// silent removes the gauges of what a modem that is away can't tell.
func (m *Metrics) silent(name string) {
	for _, gauge := range []*prometheus.GaugeVec{m.signal, m.temperature, m.registered} {
		gauge.DeleteLabelValues(name)
	}
}

// kind is the label for an error.
func kind(err error) string {
	switch {
	case errors.Is(err, at.ErrClosed):
		return "unplugged"
	case errors.Is(err, at.ErrNoSync):
		return "hang"
	case errors.Is(err, at.ErrTimeout):
		return "timeout"
	case errors.Is(err, ErrRestarted):
		return "restarted"
	case errors.Is(err, ErrPIN), errors.Is(err, ErrSIM):
		return "sim"
	case errors.Is(err, ErrDouble):
		return "double"
	case at.IsRefusal(err):
		return "refused"
	}
	return "other"
}
