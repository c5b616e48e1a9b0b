package gateway

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Settings of an [Intake]. The zero value of each field means its default.
type Settings struct {
	// RejectRate is how many rejected reports a second one origin may send for long; 1.
	RejectRate float64
	// RejectBurst is how many it may send at once; 200, which is as many as are kept of one origin: a device that was
	// forgotten here, or whose clock is coarse, loses nothing of a backlog that it could have had kept.
	RejectBurst int
	// LongestHold is how long one message of an origin above its rate is held back; 5 s. It has to be well below the
	// keep-alive of devices.
	LongestHold time.Duration
	// Events takes alarms that came without a position that can be stored. Without it they are rejected input.
	Events EventSink
	// Origins is how many origins are remembered at once; 10,000.
	Origins int
}

// NewIntake makes the intake. Its metrics are registered with the registry.
func NewIntake(sink Sink, keeper Keeper, s Settings, log *slog.Logger, registry prometheus.Registerer) *Intake {
	return &Intake{
		sink: sink, events: s.Events, keeper: keeper, log: log, metrics: newMetrics(registry),
		pace: newPace(cmp.Or(s.RejectRate, 1), cmp.Or(s.RejectBurst, 200), cmp.Or(s.LongestHold, 5*time.Second), cmp.Or(s.Origins, 10_000)),
	}
}
