package modem

import "waybill/gateway/modem/sms"

// place is a message in its slot.
type place struct {
	slot sms.Slot
	pdu  string
}

// handled remembers what was committed and should be gone, so that a deletion that did nothing is seen and a text is
// not handed over again in this session. It never holds more than the memories do.
type handled map[place]bool

func (h handled) add(stored []sms.Stored) {
	for _, s := range stored {
		h[place{s.Slot, s.PDU}] = true
	}
}

// has tells whether all of these were committed before.
func (h handled) has(stored []sms.Stored) bool {
	for _, s := range stored {
		if !h[place{s.Slot, s.PDU}] {
			return false
		}
	}
	return true
}

// keepOnly forgets what is not stored any more.
func (h handled) keepOnly(stored []sms.Stored) {
	there := make(map[place]bool, len(stored))
	for _, s := range stored {
		there[place{s.Slot, s.PDU}] = true
	}
	for p := range h {
		if !there[p] {
			delete(h, p)
		}
	}
}
