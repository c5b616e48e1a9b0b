package tracking

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator sees of the ingester.
type metrics struct {
	fixes     *prometheus.CounterVec
	batchSize prometheus.Histogram
	commit    *prometheus.HistogramVec
}

func newMetrics(registerer prometheus.Registerer, queued func() float64) *metrics {
	m := &metrics{
		fixes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waybill_tracking_fixes_total", Help: "Fixes that were delivered, by what became of them.",
		}, []string{"outcome"}),
		batchSize: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "waybill_tracking_batch_fixes", Help: "Fixes in a committed batch.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 7),
		}),
		commit: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "waybill_tracking_commit_seconds", Help: "Time that one attempt to commit a batch took, by how it ended.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
		}, []string{"result"}),
	}
	depth := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "waybill_tracking_queue_fixes", Help: "Fixes that wait for a writer.",
	}, queued)
	registerer.MustRegister(m.fixes, m.batchSize, m.commit, depth)
	return m
}
