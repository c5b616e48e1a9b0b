package emulator

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
)

// maxWaiting bounds what the network holds for a full memory.
const maxWaiting = 10_000

// Message is a message from somebody to the SIM.
type Message struct {
	From   string    // A number with + and country code.
	Text   string    // GSM 7-bit if its alphabet suffices, else UCS-2; split into parts when long.
	Data   []byte    // Instead of Text: 8-bit data of at most 140 bytes.
	PDU    string    // Instead of Text and Data: stored as it is, in hexadecimal, however broken.
	Time   time.Time // When the service centre took it.
	Memory string    // Where it is stored; empty for what CPMS chose for receiving.
}

// delivery is one part on its way.
type delivery struct {
	memory string
	entry  entry
}

// Inject sends a text to the SIM, as a phone or unit with the number would. A part that finds its memory full stays in
// the network until there is room.
func (e *Emulator) Inject(from, text string, at time.Time) error {
	return e.Deliver(Message{From: from, Text: text, Time: at})
}

// Deliver sends a message to the SIM.
func (e *Emulator) Deliver(m Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	parts, err := e.parts(m)
	if err != nil {
		return fmt.Errorf("make a message from %s: %w", m.From, err)
	}
	if m.Memory != "" && e.memory(m.Memory) == nil {
		return fmt.Errorf("the emulated modem has no memory %q", m.Memory)
	}
	if len(e.waiting)+len(parts) > maxWaiting {
		return fmt.Errorf("the network holds %d parts for the full SIM and takes no more", len(e.waiting))
	}
	for _, p := range parts {
		e.waiting = append(e.waiting, delivery{m.Memory, p})
	}
	e.deliverWaiting()
	return nil
}

// Waiting counts the parts that the network holds because their memory is full or there is no network.
func (e *Emulator) Waiting() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.waiting)
}

func (e *Emulator) parts(m Message) ([]entry, error) {
	if m.PDU != "" {
		return []entry{{status: unread, pdu: m.PDU, length: len(m.PDU) / 2}}, nil
	}
	opts := []sms.EncoderOption{sms.AsDeliver, sms.From(m.From)}
	content := []byte(m.Text)
	if m.Data != nil {
		opts = append(opts, sms.As8Bit)
		content = m.Data
	}
	tpdus, err := e.encoder.Encode(content, opts...)
	if err != nil {
		return nil, err
	}
	centre := pdumode.SMSCAddress{Address: tpdu.NewAddress(tpdu.FromNumber(e.cfg.Centre))}
	entries := make([]entry, len(tpdus))
	for i, t := range tpdus {
		t.SCTS = tpdu.Timestamp{Time: m.Time}
		raw, err := t.MarshalBinary()
		if err != nil {
			return nil, err
		}
		pdu := pdumode.PDU{SMSC: centre, TPDU: raw}
		whole, err := pdu.MarshalBinary()
		if err != nil {
			return nil, err
		}
		entries[i] = entry{status: unread, pdu: strings.ToUpper(hex.EncodeToString(whole)), length: len(raw)}
	}
	return entries, nil
}

// deliverWaiting stores what there is room for, in order for each memory, and indicates it. It runs with mu held.
func (e *Emulator) deliverWaiting() {
	if e.status() != registered || len(e.waiting) == 0 {
		return
	}
	full := map[string]bool{}
	kept := e.waiting[:0]
	for _, d := range e.waiting {
		name := d.memory
		if name == "" {
			name = e.state.selected[2]
		}
		m := e.memory(name)
		if full[name] {
			kept = append(kept, d)
			continue
		}
		index, ok := m.put(d.entry)
		if !ok {
			full[name] = true
			kept = append(kept, d)
			continue
		}
		if e.state.indicate[1] == 1 {
			e.indicateLine(fmt.Sprintf("+CMTI: %q,%d", name, index))
		}
	}
	e.waiting = kept
}
