package modem

import (
	"context"
	"time"

	"waybill/gateway/modem/sms"
)

// filled notes how full a memory is.
func (r *reader) filled(memory sms.Memory, used sms.Usage) {
	if memory == sms.Reports { // Takes up no room of texts.
		return
	}
	r.modem.update(func(st *Status) {
		for i := range st.Memories {
			if st.Memories[i].Memory == memory {
				st.Memories[i].Usage = used
				return
			}
		}
		st.Memories = append(st.Memories, MemoryStatus{memory, used})
	})
	r.cfg.Metrics.used.WithLabelValues(r.cfg.Name, string(memory)).Set(float64(used.Used))
	r.cfg.Metrics.capacity.WithLabelValues(r.cfg.Name, string(memory)).Set(float64(used.Total))
}

// deleted notes a deletion that the modem confirmed.
func (r *reader) deleted(memory sms.Memory) {
	r.cfg.Metrics.deleted.WithLabelValues(r.cfg.Name).Inc()
	r.modem.update(func(st *Status) {
		for i := range st.Memories {
			if st.Memories[i].Memory == memory {
				st.Memories[i].Used = max(0, st.Memories[i].Used-1)
				r.cfg.Metrics.used.WithLabelValues(r.cfg.Name, string(memory)).Set(float64(st.Memories[i].Used))
			}
		}
	})
}

// committed notes what is in the database now.
func (r *reader) committed(j *job, now time.Time) {
	switch {
	case j.report != "":
		return
	case j.text != nil:
		r.cfg.Metrics.read.WithLabelValues(r.cfg.Name).Inc()
	default:
		r.cfg.Metrics.parts.WithLabelValues(r.cfg.Name).Add(float64(len(j.parts)))
	}
	r.modem.update(func(st *Status) { st.LastTextTime = now.UTC() })
}

// deferred notes what could not be committed.
func (r *reader) deferred(ctx context.Context, j *job) {
	if j.report != "" {
		r.cfg.Logger.WarnContext(ctx, "a delivery report could not be committed and comes again", "error", j.err)
		return
	}
	r.cfg.Metrics.refused.WithLabelValues(r.cfg.Name).Inc()
	r.cfg.Logger.WarnContext(ctx, "a text could not be committed and stays on the SIM",
		"slot", j.slots[0].Slot.String(), "messages", len(j.slots), "error", j.err)
}

// report notes what waits.
func (r *reader) report() {
	waiting := r.found.waiting()
	r.modem.update(func(st *Status) { st.Waiting = waiting })
}
