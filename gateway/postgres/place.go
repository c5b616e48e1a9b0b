package postgres

import (
	"bytes"
	"time"
)

// partsWithin is how far apart the time stamps of one text's parts can be. The stamp says when the centre took a part
// from the sender, so a late delivery doesn't move it; senders use their references again after as few as 256 texts.
const partsWithin = time.Hour

// keptText is what is kept of a long text, and what is added to it.
type keptText struct {
	id    int64      // 0 before it is written.
	parts []keptPart // Those that were there and those that are added.
	added []keptPart
	seen  bool // One that was there came again.
}

type keptPart struct {
	number int
	sent   time.Time // Zero when the stamp made no sense.
	pdu    []byte
	modem  string
}

// place puts a part where it belongs among the texts with its key, oldest first: the very same one again changes
// nothing; else it goes to the text nearest in time that lacks it, and without one it begins a text.
func place(texts []*keptText, part keptPart) []*keptText {
	var best *keptText
	nearest := partsWithin
	for _, t := range texts {
		held := t.part(part.number)
		if held != nil && bytes.Equal(held.pdu, part.pdu) {
			t.seen = true
			return texts
		}
		if distance := t.distance(part.sent); held == nil && distance <= nearest {
			best, nearest = t, distance // Of two that are as near, the later.
		}
	}
	if best == nil {
		best = &keptText{}
		texts = append(texts, best)
	}
	best.parts = append(best.parts, part)
	best.added = append(best.added, part)
	return texts
}

func (t *keptText) part(number int) *keptPart {
	for i := range t.parts {
		if t.parts[i].number == number {
			return &t.parts[i]
		}
	}
	return nil
}

// distance is the time between a stamp and those of the text. A stamp that makes no sense is as far from every text as
// can be, so that it goes to one only where no other does.
func (t *keptText) distance(sent time.Time) time.Duration {
	nearest := time.Duration(-1)
	for _, p := range t.parts {
		if p.sent.IsZero() || sent.IsZero() {
			continue
		}
		if d := p.sent.Sub(sent).Abs(); nearest < 0 || d < nearest {
			nearest = d
		}
	}
	if nearest < 0 {
		return partsWithin
	}
	return nearest
}
