package tracking

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// IngesterOptions are the settings of an [Ingester]. The zero value of each stands
// for its default.
type IngesterOptions struct {
	// Writers is how many batches are committed at once; 4.
	Writers int
	// MaxBatch is how many fixes a batch has at most; 2000.
	MaxBatch int
	// QueueLength is how many fixes wait for each writer before sources have to;
	// 4 times MaxBatch.
	QueueLength int
	// Linger is how long a writer that is busy waits at most for its next batch to grow;
	// 10 milliseconds. One that is quiet commits at once.
	Linger time.Duration
	// UnavailableAfter is how long a fix waits for a store that is away before its
	// source is told to send it again; 10 seconds. Keep it below the keep-alive of
	// the sources.
	UnavailableAfter time.Duration
	// Retention is how long positions are kept; for ever.
	Retention time.Duration
	// Hub hears of the positions that were committed in order; none.
	Hub *Hub
	// Registerer takes the metrics; none.
	Registerer prometheus.Registerer
	// Logger hears of what goes wrong; none.
	Logger *slog.Logger
}

const (
	defaultWriters          = 4
	defaultMaxBatch         = 2000
	queueBatches            = 4
	defaultLinger           = 10 * time.Millisecond
	defaultUnavailableAfter = 10 * time.Second
)

func (o IngesterOptions) withDefaults() IngesterOptions {
	if o.Writers <= 0 {
		o.Writers = defaultWriters
	}
	if o.MaxBatch <= 0 {
		o.MaxBatch = defaultMaxBatch
	}
	if o.QueueLength <= 0 {
		o.QueueLength = queueBatches * o.MaxBatch
	}
	if o.Linger <= 0 {
		o.Linger = defaultLinger
	}
	if o.UnavailableAfter <= 0 {
		o.UnavailableAfter = defaultUnavailableAfter
	}
	if o.Hub == nil {
		o.Hub = NewHub()
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
