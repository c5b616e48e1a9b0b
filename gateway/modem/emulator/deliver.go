package emulator

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
)

// maxWaiting bounds what the network holds for a full memory.
const maxWaiting = 10_000

// ErrNoSIM says that there is no SIM in the modem.
var ErrNoSIM = errors.New("no SIM is in the emulated modem")

// Message is a message from somebody to the SIM.
type Message struct {
	From   string    // A number with + and country code.
	Text   string    // GSM 7-bit if its alphabet suffices, else UCS-2; split into parts when long.
	Data   []byte    // Instead of Text: 8-bit data of at most 140 bytes.
	PDU    string    // Instead of Text and Data: stored as it is, in hexadecimal, however broken.
	Time   time.Time // When the service centre took it.
	Memory string    // Where it is stored; empty for what CPMS chose for receiving.
}

// delivery is one part, or a report, on its way.
type delivery struct {
	memory string
	report bool
	entry  entry
}

// Inject sends a text to the SIM, as a phone or unit with the number would. A part that finds its memory full stays in
// the network until there is room.
func (e *Emulator) Inject(from, text string, at time.Time) error {
	return e.Deliver(Message{From: from, Text: text, Time: at})
}

// Deliver sends a message to the SIM that is in the modem.
func (e *Emulator) Deliver(m Message) error {
	e.mu.Lock()
	sim := e.sim
	known := m.Memory == "" || e.memory(m.Memory) != nil
	e.mu.Unlock()
	switch {
	case sim == nil:
		return ErrNoSIM
	case !known:
		return fmt.Errorf("the emulated modem has no memory %q", m.Memory)
	}
	return sim.Deliver(m)
}

// Deliver sends a message to the SIM, wherever it is.
func (s *SIM) Deliver(m Message) error {
	s.mu.Lock()
	parts, err := s.parts(m)
	if err != nil {
		s.mu.Unlock()
		return fmt.Errorf("make a message from %s: %w", m.From, err)
	}
	queue := make([]delivery, len(parts))
	for i, p := range parts {
		queue[i] = delivery{memory: m.Memory, entry: p}
	}
	err = s.queue(queue...)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.arrive()
	return nil
}

// queue has the network hold something for the SIM, with its mu held.
func (s *SIM) queue(all ...delivery) error {
	if len(s.waiting)+len(all) > maxWaiting {
		return fmt.Errorf("the network holds %d parts for the SIM and takes no more", len(s.waiting))
	}
	s.waiting = append(s.waiting, all...)
	return nil
}

// arrive has the modem that the SIM is in take what waits, if it can.
func (s *SIM) arrive() {
	if e := s.modem(); e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.deliverWaiting()
	}
}

// Waiting counts the parts and reports that the network holds because their memory is full or there is no network.
func (e *Emulator) Waiting() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.held()
}

// held counts what the network holds, with mu held.
func (e *Emulator) held() int {
	if e.sim == nil {
		return 0
	}
	e.sim.mu.Lock()
	defer e.sim.mu.Unlock()
	return len(e.sim.waiting)
}

// tpduLength is how many octets follow the service centre's number, which the first octet tells the length of; of a
// PDU too short to have one, how many there are.
func tpduLength(pdu string) int {
	octets := len(pdu) / 2
	centre, err := strconv.ParseUint(pdu[:min(2, len(pdu))], 16, 8)
	if err != nil || int(centre) >= octets {
		return octets
	}
	return octets - 1 - int(centre)
}

// parts makes what lies on the SIM of a message, with the SIM's mu held.
func (s *SIM) parts(m Message) ([]entry, error) {
	if m.PDU != "" {
		return []entry{{status: unread, pdu: m.PDU, length: tpduLength(m.PDU)}}, nil
	}
	opts := []sms.EncoderOption{sms.AsDeliver, sms.From(m.From)}
	content := []byte(m.Text)
	if m.Data != nil {
		opts = append(opts, sms.As8Bit)
		content = m.Data
	}
	tpdus, err := s.encoder.Encode(content, opts...)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(tpdus))
	for i, t := range tpdus {
		t.SCTS = tpdu.Timestamp{Time: m.Time}
		raw, err := t.MarshalBinary()
		if err != nil {
			return nil, err
		}
		if entries[i], err = s.stored(raw, unread); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// stored gives a TPDU as it lies in a memory.
func (s *SIM) stored(raw []byte, status int) (entry, error) {
	centre := pdumode.SMSCAddress{Address: tpdu.NewAddress(tpdu.FromNumber(s.cfg.Centre))}
	pdu := pdumode.PDU{SMSC: centre, TPDU: raw}
	whole, err := pdu.MarshalBinary()
	if err != nil {
		return entry{}, err
	}
	return entry{status: status, pdu: strings.ToUpper(hex.EncodeToString(whole)), length: len(raw)}, nil
}
