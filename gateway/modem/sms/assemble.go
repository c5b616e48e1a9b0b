package sms

import (
	"cmp"
	"slices"
	"time"
)

// partsWithin is how far the parts of one message can be apart. Senders use a reference again, so parts further apart
// are of different messages.
const partsWithin = 24 * time.Hour

// Undecodable is a stored message that can't be read, and why.
type Undecodable struct {
	Stored Stored
	Err    error // ErrPDU or ErrNotReceived.
}

// Sorted is what lies in the memories, by what can be done with it.
type Sorted struct {
	Whole   []Message     // By the time they were sent.
	Waiting []Stored      // Parts whose others are missing.
	Broken  []Undecodable // What can't be read.
}

// group is what parts of one message have in common.
type group struct {
	from      string
	reference int
	total     int
	encoding  Encoding
}

type placed struct {
	segment
	stored Stored
}

// Assemble reads what is stored and puts parts together, whichever memories they lie in. Of a part that is there twice,
// as after a deletion that did nothing, both copies belong to the message, so that both are deleted with it; its
// content counts once.
func Assemble(stored []Stored) Sorted {
	var out Sorted
	parts := map[group][]placed{}
	for _, s := range stored {
		if !s.Status.Received() {
			continue
		}
		seg, err := decode(s.PDU)
		if err != nil {
			out.Broken = append(out.Broken, Undecodable{s, err})
			continue
		}
		if seg.Concat.Total == 1 {
			out.add([]placed{{seg, s}})
			continue
		}
		g := group{seg.From, seg.Concat.Reference, seg.Concat.Total, seg.Encoding}
		parts[g] = append(parts[g], placed{seg, s})
	}
	for g, ps := range parts {
		for _, run := range apart(ps) {
			out.join(g.total, run)
		}
	}
	slices.SortStableFunc(out.Whole, func(a, b Message) int {
		return cmp.Or(a.SentTime.Compare(b.SentTime), cmp.Compare(a.Stored[0].Slot.Memory, b.Stored[0].Slot.Memory),
			cmp.Compare(a.Stored[0].Slot.Index, b.Stored[0].Slot.Index))
	})
	return out
}

// apart separates messages that have the same reference by the time between them.
func apart(ps []placed) [][]placed {
	slices.SortStableFunc(ps, func(a, b placed) int { return a.SentTime.Compare(b.SentTime) })
	var runs [][]placed
	for from, i := 0, 1; i <= len(ps); i++ {
		if i == len(ps) || ps[i].SentTime.Sub(ps[from].SentTime) > partsWithin {
			runs = append(runs, ps[from:i])
			from = i
		}
	}
	return runs
}

// join takes the parts as one message if none is missing.
func (out *Sorted) join(total int, ps []placed) {
	slices.SortStableFunc(ps, func(a, b placed) int { return cmp.Compare(a.Concat.Number, b.Concat.Number) })
	numbers := map[int]bool{}
	for _, p := range ps {
		numbers[p.Concat.Number] = true
	}
	if len(numbers) == total {
		out.add(ps)
		return
	}
	for _, p := range ps {
		out.Waiting = append(out.Waiting, p.stored)
	}
}

// add takes the placed parts, sorted by number, as one message.
func (out *Sorted) add(ps []placed) {
	var segs []segment
	m := Message{From: ps[0].From, SentTime: ps[0].SentTime}
	last := 0
	for _, p := range ps {
		if p.Concat.Number != last {
			segs = append(segs, p.segment)
			last = p.Concat.Number
		}
		m.Stored = append(m.Stored, p.stored)
	}
	text, data, err := join(segs)
	if err != nil {
		for _, p := range ps {
			out.Broken = append(out.Broken, Undecodable{p.stored, err})
		}
		return
	}
	m.Text, m.Data = text, data
	out.Whole = append(out.Whole, m)
}
