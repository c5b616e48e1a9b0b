package modem

import (
	"context"
	"slices"
	"time"

	"waybill/gateway/modem/sms"
)

// After so many listings and so much time a message that the modem does not give out is given up.
const (
	unreadableListings = 5
	unreadableFor      = time.Minute
)

// list reads a memory and queues what is new in it.
func (r *reader) list(ctx context.Context, memory sms.Memory) error {
	used, err := r.store.Select(ctx, memory)
	if err != nil {
		return err
	}
	r.filled(memory, used)
	r.full = r.full || memory != sms.Reports && used.Total > 0 && used.Used >= used.Total
	stored, err := r.store.List(ctx, memory)
	if err != nil {
		return err
	}
	now := time.Now()
	r.found.listed(memory, stored, now)
	// What lies in the memory was just seen: what is to be deleted there is found anew.
	r.deletable = slices.DeleteFunc(r.deletable, func(s sms.Stored) bool { return s.Slot.Memory == memory })
	var fresh []sms.Stored
	for _, s := range stored {
		h := r.found[placeOf(s)]
		switch {
		case h.fresh(now):
			fresh = append(fresh, s)
		case !h.committed.IsZero():
			if h.deleted {
				r.cfg.Metrics.ineffective.WithLabelValues(r.cfg.Name).Inc()
			}
			r.deletable = append(r.deletable, s)
		}
	}
	r.queue(fresh, now)
	r.begin(ctx)
	r.report()
	return nil
}

// queue makes jobs of messages: the texts by time, the parts as one, and what can't be read.
func (r *reader) queue(fresh []sms.Stored, now time.Time) {
	readable := slices.DeleteFunc(fresh, func(s sms.Stored) bool { return s.PDU == "" && !r.giveUp(s, now) })
	sorted := sms.Sort(readable)
	for _, m := range sorted.Whole {
		r.add(&job{chain: m.From, slots: []sms.Stored{m.Stored}, text: &Text{
			From: m.From, SentTime: m.SentTime, Body: m.Text, Data: m.Data, PDUs: []string{m.Stored.PDU},
		}})
	}
	for _, b := range sorted.Broken {
		if _, err := sms.DecodeReport(b.Stored.PDU); err == nil {
			r.add(&job{chain: "reports", slots: []sms.Stored{b.Stored}, report: b.Stored.PDU})
			continue
		}
		text := &Text{PDUs: []string{b.Stored.PDU}, Problem: b.Err}
		if b.Stored.PDU == "" {
			text.PDUs, text.Problem = []string{b.Stored.Slot.String() + now.Format(" 2006-01-02")}, ErrUnreadable
		}
		r.add(&job{chain: "unreadable", slots: []sms.Stored{b.Stored}, text: text})
	}
	if len(sorted.Parts) == 0 || r.cfg.Parts == nil {
		return
	}
	parts := &job{chain: "parts"}
	for _, p := range sorted.Parts {
		parts.slots = append(parts.slots, p.Stored)
		parts.parts = append(parts.parts, Part{
			Modem: r.cfg.Name, SIM: r.sim, From: p.From, SentTime: p.SentTime, Concat: p.Concat, PDU: p.Stored.PDU,
		})
	}
	r.add(parts)
}

func (r *reader) add(j *job) {
	if t := j.text; t != nil {
		t.Modem, t.SIM = r.cfg.Name, r.sim
		t.ID = textID(t.SIM, t.From, t.SentTime, t.PDUs)
	}
	for _, s := range j.slots {
		r.found[placeOf(s)].job = j
	}
	r.work.add(j)
}

// giveUp tells whether the modem has listed this message often enough without giving it out. Left alone, such messages
// would fill the SIM.
func (r *reader) giveUp(s sms.Stored, now time.Time) bool {
	h := r.found[placeOf(s)]
	return h.listings >= unreadableListings && now.Sub(h.first) >= unreadableFor
}

// usage reads how full the memories are, without listing them.
func (r *reader) usage(ctx context.Context) error {
	for _, memory := range r.memories {
		used, err := r.store.Select(ctx, memory)
		if err != nil {
			return err
		}
		r.filled(memory, used)
	}
	return nil
}
