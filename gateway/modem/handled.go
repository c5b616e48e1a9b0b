package modem

import (
	"time"

	"waybill/gateway/modem/sms"
)

// place is a message in its slot. Another message in the same slot is another place.
type place struct {
	slot sms.Slot
	pdu  string
}

func placeOf(s sms.Stored) place { return place{s.Slot, s.PDU} }

// again is after how long a message that is committed and still there is handed over once more: what it became is
// remembered in the database for days, and this keeps the memory of it fresh.
const again = time.Hour

// holding is what is known of a message in its place.
type holding struct {
	job       *job      // That has it to commit; nil when it is committed or has to wait for a listing.
	committed time.Time // Zero before.
	deleted   bool      // The modem said that it is deleted.
	first     time.Time // When it was first listed.
	listings  int       // How often.
}

// ledger is what lies in the memories, as listed last. It never holds more than they do.
type ledger map[place]*holding

// listed takes in what a memory holds now and forgets what it does not hold any more, but for what is being committed.
func (l ledger) listed(memory sms.Memory, stored []sms.Stored, now time.Time) {
	there := make(map[place]bool, len(stored))
	for _, s := range stored {
		p := placeOf(s)
		there[p] = true
		h := l[p]
		if h == nil {
			h = &holding{first: now}
			l[p] = h
		}
		h.listings++
	}
	for p, h := range l {
		if p.slot.Memory == memory && !there[p] && (h.job == nil || !h.job.running) {
			delete(l, p)
		}
	}
}

// fresh tells whether the message has to be committed.
func (h *holding) fresh(now time.Time) bool {
	return h.job == nil && (h.committed.IsZero() || now.Sub(h.committed) > again)
}

// waiting counts what is not committed.
func (l ledger) waiting() int {
	n := 0
	for _, h := range l {
		if h.committed.IsZero() {
			n++
		}
	}
	return n
}
