package modem

import (
	"context"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// maxRefusals is how many texts in a row a handler may refuse before the sweep ends: then it is not the texts.
const maxRefusals = 3

// sweep reads every memory, hands over what is whole, deletes what is committed, and says when to sweep again. Its
// errors are the modem's; a text that the handler refused only brings the next sweep nearer.
func (s *session) sweep(ctx context.Context) (next time.Duration, err error) {
	left, err := s.sweepAll(ctx)
	if err != nil || left > 0 {
		s.late = true
		return min(s.wait.step(), s.cfg.SweepInterval), err
	}
	s.late = false
	s.wait.reset()
	return s.cfg.SweepInterval, nil
}

// sweepAll tells how many texts are left for later.
func (s *session) sweepAll(ctx context.Context) (left int, err error) {
	stored, err := s.listAll(ctx)
	if err != nil {
		return 0, err
	}
	s.done.keepOnly(stored)
	sorted := sms.Assemble(stored)
	if left, err = s.takeReports(ctx, &sorted); err != nil {
		return left, err
	}
	s.modem.update(func(st *Status) { st.Waiting = len(sorted.Waiting) })
	refusals := 0
	for _, text := range s.texts(sorted) {
		if refusals == maxRefusals {
			left++
			continue
		}
		taken, err := s.take(ctx, text)
		if err != nil {
			return left, err
		}
		if taken {
			refusals = 0
		} else {
			refusals++
			left++
		}
	}
	return left, nil
}

// listAll reads every memory. One that can't be read doesn't keep the others from being read.
func (s *session) listAll(ctx context.Context) ([]sms.Stored, error) {
	var all []sms.Stored
	var usage []MemoryStatus
	var refusal error
	for _, memory := range s.memories {
		used, err := s.store.Select(ctx, memory)
		var stored []sms.Stored
		if err == nil {
			stored, err = s.store.List(ctx, memory)
		}
		switch {
		case at.IsRefusal(err):
			refusal = err
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, stored...)
		usage = append(usage, MemoryStatus{memory, used})
		s.cfg.Metrics.used.WithLabelValues(s.cfg.Name, string(memory)).Set(float64(used.Used))
		s.cfg.Metrics.capacity.WithLabelValues(s.cfg.Name, string(memory)).Set(float64(used.Total))
	}
	if len(usage) == 0 && refusal != nil {
		return nil, refusal
	}
	if refusal != nil {
		s.modem.failed(ctx, refusal)
	}
	s.modem.update(func(st *Status) { st.Memories = usage })
	return all, nil
}

// found is a text with the places that hold it.
type found struct {
	text  Text
	slots []sms.Stored
}

// texts gives what is to be handed over: the whole ones by time, then what can't be read.
func (s *session) texts(sorted sms.Sorted) []found {
	all := make([]found, 0, len(sorted.Whole)+len(sorted.Broken))
	for _, m := range sorted.Whole {
		all = append(all, found{Text{From: m.From, SentTime: m.SentTime, Body: m.Text, Data: m.Data, PDUs: m.PDUs()}, m.Stored})
	}
	for _, b := range sorted.Broken {
		all = append(all, found{Text{PDUs: []string{b.Stored.PDU}, Problem: b.Err}, []sms.Stored{b.Stored}})
	}
	for i := range all {
		t := &all[i].text
		t.Modem, t.SIM = s.cfg.Name, s.imsi
		t.ID = textID(t.SIM, t.From, t.SentTime, t.PDUs)
	}
	return all
}

// take hands one text over and deletes it. It tells whether the text is done with; its error is the modem's.
func (s *session) take(ctx context.Context, f found) (bool, error) {
	if s.done.has(f.slots) {
		s.cfg.Metrics.ineffective.WithLabelValues(s.cfg.Name).Add(float64(len(f.slots)))
	} else {
		if err := s.cfg.Handler.HandleText(ctx, f.text); err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			s.cfg.Metrics.refused.WithLabelValues(s.cfg.Name).Inc()
			s.cfg.Logger.WarnContext(ctx, "a text could not be committed and stays on the SIM", "slot", f.slots[0].Slot.String(), "error", err)
			return false, nil
		}
		s.done.add(f.slots)
		s.cfg.Metrics.read.WithLabelValues(s.cfg.Name).Inc()
		s.modem.update(func(st *Status) { st.LastTextTime = time.Now().UTC() })
	}
	for _, stored := range f.slots {
		err := s.store.Delete(ctx, stored.Slot)
		switch {
		case at.IsRefusal(err): // Gone already, or the SIM is busy: the next sweep sees which.
			s.modem.failed(ctx, err)
		case err != nil:
			return false, err
		default:
			s.deleted(stored.Slot.Memory)
		}
	}
	return true, nil
}

func (s *session) deleted(memory sms.Memory) {
	s.cfg.Metrics.deleted.WithLabelValues(s.cfg.Name).Inc()
	s.modem.update(func(st *Status) {
		for i := range st.Memories {
			if st.Memories[i].Memory == memory {
				st.Memories[i].Used = max(0, st.Memories[i].Used-1)
				s.cfg.Metrics.used.WithLabelValues(s.cfg.Name, string(memory)).Set(float64(st.Memories[i].Used))
			}
		}
	})
}
