package emulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"waybill/gateway/modem/emulator/fault"
)

// reply says the answer to a command, with what goes wrong with answers at present.
func (e *Emulator) reply(text string) {
	if t, now := e.happens(fault.Indication); now {
		text = insert(text, e.indicationOf(t), boundary(text, t.random))
	}
	if t, now := e.happens(fault.TornLine); now && len(text) > 1 {
		text = insert(text, e.indicationOf(t), 1+t.random.IntN(len(text)-1))
	}
	var late time.Duration
	if t, now := e.happens(fault.Slow); now {
		late = t.Delay
	}
	e.sayLate(text, late)
}

func (e *Emulator) sayLate(text string, late time.Duration) {
	if e.line != nil && !e.hung() {
		e.line.out.put(text, late)
	}
}

func insert(text, code string, at int) string { return text[:at] + code + text[at:] }

// boundary chooses a place before one of the text's lines.
func boundary(text string, random *rand.Rand) int {
	places := []int{0}
	for i := range len(text) - 1 {
		if text[i] == '\n' {
			places = append(places, i+1)
		}
	}
	return places[random.IntN(len(places))]
}

// indicationOf is the code that a fault puts where it doesn't belong. It names a place that holds something, if one does.
func (e *Emulator) indicationOf(t *trouble) string {
	code := t.Text
	if code == "" {
		code = "RING"
		if e.state.indicate[1] == 1 {
			name := e.state.selected[2]
			code = fmt.Sprintf("+CMTI: %q,%d", name, e.memory(name).someIndex())
		}
	}
	return "\r\n" + code + "\r\n"
}

// garbage is bytes as a line without a ground has them. It has no letters, so that it can't say OK.
func garbage(random *rand.Rand, size int) string {
	var b strings.Builder
	for range size {
		c := byte(random.UintN(256)) //nolint:gosec // Below 256.
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			c |= 0x80
		}
		b.WriteByte(c)
	}
	return b.String()
}
