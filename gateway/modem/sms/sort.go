package sms

import (
	"cmp"
	"slices"
)

// Undecodable is a stored message that can't be read, and why.
type Undecodable struct {
	Stored Stored
	Err    error // ErrPDU or ErrNotReceived.
}

// StoredPart is one part of a longer message, where it lies.
type StoredPart struct {
	Part
	Stored Stored
}

// Sorted is what lies in the memories, by what can be done with it. All of it is in the order of the time stamps.
type Sorted struct {
	Whole  []Message     // Messages of one part.
	Parts  []StoredPart  // Parts of longer ones.
	Broken []Undecodable // What can't be read.
	Own    []Stored      // What somebody wrote here to be sent. It is left alone.
}

// Sort reads what is stored.
func Sort(stored []Stored) Sorted {
	var out Sorted
	for _, s := range stored {
		if !s.Status.Received() {
			out.Own = append(out.Own, s)
			continue
		}
		part, err := Decode(s.PDU)
		switch {
		case err != nil:
			out.Broken = append(out.Broken, Undecodable{s, err})
		case part.Concat.Total > 1:
			out.Parts = append(out.Parts, StoredPart{part, s})
		default:
			out.Whole = append(out.Whole, Message{From: part.From, SentTime: part.SentTime, Text: part.Text, Data: part.Data, Stored: s})
		}
	}
	slices.SortStableFunc(out.Whole, func(a, b Message) int {
		return cmp.Or(a.SentTime.Compare(b.SentTime), a.Stored.Slot.compare(b.Stored.Slot))
	})
	slices.SortStableFunc(out.Parts, func(a, b StoredPart) int {
		return cmp.Or(a.SentTime.Compare(b.SentTime), cmp.Compare(a.Concat.Number, b.Concat.Number), a.Stored.Slot.compare(b.Stored.Slot))
	})
	return out
}

func (s Slot) compare(other Slot) int {
	return cmp.Or(cmp.Compare(s.Memory, other.Memory), cmp.Compare(s.Index, other.Index))
}

// Join puts PDUs of one message together, which follow one another without a gap. From and SentTime of the result are
// those of the first; Stored is empty. Its error is that of Decode.
func Join(pdus []string) (Message, error) {
	segs := make([]segment, len(pdus))
	for i, pdu := range pdus {
		var err error
		if segs[i], err = decode(pdu); err != nil {
			return Message{}, err
		}
	}
	if len(segs) == 0 {
		return Message{}, ErrPDU
	}
	m := Message{From: segs[0].From, SentTime: segs[0].SentTime}
	m.Text, m.Data = content(segs)
	return m, nil
}
