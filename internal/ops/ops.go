// Package ops is what operators and their machines look at: whether the process
// lives (/livez), whether it can do its work (/readyz), and its figures (/metrics).
package ops

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// patience bounds one run of all checks.
const patience = 3 * time.Second

// Check is one thing that must hold for the process to do its work.
type Check struct {
	// Name is what /readyz calls it.
	Name string
	// Probe returns nil, or an error that says what is wrong and what to do.
	Probe func(ctx context.Context) error
	// Notes says what is wrong with parts of it that the process can do without; nil when there are none.
	Notes func() []string
}

// Register adds the three pages to the mux.
func Register(mux *http.ServeMux, metrics prometheus.Gatherer, checks ...Check) {
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready, report := run(r.Context(), checks)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(report)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
}

// Ready runs the checks and says whether all hold.
func Ready(ctx context.Context, checks ...Check) bool {
	ready, _ := run(ctx, checks)
	return ready
}

// report is what /readyz answers: "ok" or what is wrong, by name.
type report struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
	// Notes are of what the process can do without, and somebody should see to.
	Notes map[string][]string `json:"notes,omitempty"`
}

func run(ctx context.Context, checks []Check) (bool, report) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r := report{Ready: true, Checks: make(map[string]string, len(checks))}
	for _, c := range checks {
		if c.Notes != nil {
			r.note(c.Name, c.Notes())
		}
		if err := c.Probe(ctx); err != nil {
			r.Ready = false
			r.Checks[c.Name] = err.Error()
			continue
		}
		r.Checks[c.Name] = "ok"
	}
	return r.Ready, r
}

func (r *report) note(check string, notes []string) {
	if len(notes) == 0 {
		return
	}
	if r.Notes == nil {
		r.Notes = make(map[string][]string)
	}
	r.Notes[check] = notes
}
