package emulator

import (
	"errors"
	"sync"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/charset"
)

// How often a SIM bears a wrong PIN and a wrong PUK.
const (
	pinTries = 3
	pukTries = 10
)

// ErrSIMElsewhere says that a SIM is in another modem.
var ErrSIMElsewhere = errors.New("the SIM is in another modem")

// SIMConfig describes a SIM. Zero values take the defaults named.
type SIMConfig struct {
	IMSI     string // "460001234567890".
	ICCID    string // "89860012345678901234".
	Number   string // Its own number, shown by CNUM. Optional.
	Operator string // "Waybill Mobile".
	Centre   string // The service centre's number: "+8613800100500".
	PIN      string // Asked for after power-up when it is set.
	PUK      string // "12345678".
	Capacity int    // How many messages it holds: 20.
}

// SIM is a card with what lies on it. It can be taken out of a modem and put into another; what is sent to it meanwhile
// waits in the network.
type SIM struct {
	cfg SIMConfig

	// Guarded by the mu of the modem that it is in.
	bank     *bank
	pin      string
	locks    bool // It asks for the PIN.
	pinLeft  int  // Wrong PINs that it still bears; a power cycle doesn't change them.
	pukLeft  int
	nextRef  int // Message reference of the next message sent.
	unjoined map[joint]map[int]*tpdu.TPDU

	mu      sync.Mutex // Guards what follows; taken after a modem's.
	in      *Emulator
	waiting []delivery   // Held by the network.
	encoder *sms.Encoder // Numbers long messages.
}

// NewSIM makes a SIM that is in no modem.
func NewSIM(cfg SIMConfig) *SIM {
	charset.Prepare()
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&cfg.IMSI, "460001234567890")
	def(&cfg.ICCID, "89860012345678901234")
	def(&cfg.Operator, "Waybill Mobile")
	def(&cfg.Centre, "+8613800100500")
	def(&cfg.PUK, "12345678")
	if cfg.Capacity == 0 {
		cfg.Capacity = 20
	}
	return &SIM{
		cfg: cfg, bank: newBank(cfg.Capacity), pin: cfg.PIN, locks: cfg.PIN != "", pinLeft: pinTries, pukLeft: pukTries,
		unjoined: map[joint]map[int]*tpdu.TPDU{}, encoder: sms.NewEncoder(sms.AsDeliver),
	}
}

// Inject sends a text to the SIM, as a phone or unit with the number would.
func (s *SIM) Inject(from, text string, at time.Time) error {
	return s.Deliver(Message{From: from, Text: text, Time: at})
}

// insert notes which modem it is in.
func (s *SIM) insert(e *Emulator) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in != nil && s.in != e {
		return ErrSIMElsewhere
	}
	s.in = e
	return nil
}

func (s *SIM) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in = nil
}

func (s *SIM) modem() *Emulator {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in
}

// blocked tells whether the SIM is beyond repair: its PUK was wrong too often.
func (s *SIM) blocked() bool { return s.pukLeft == 0 }

// SIM gives the card that is in the modem, or nil.
func (e *Emulator) SIM() *SIM {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sim
}

// Exchange puts another SIM into the modem, or none when it is nil, and gives the one that was in it. The modem is
// pulled out for it, and put in again if it was plugged in: what is in the modem's own memory stays.
func (e *Emulator) Exchange(sim *SIM) (*SIM, error) {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	if sim != nil {
		if err := sim.insert(e); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	plugged := e.line != nil
	e.mu.Unlock()
	if err := e.unplug(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	old := e.sim
	if old != nil && old != sim {
		old.remove()
	}
	e.sim = sim
	e.memories = e.layout()
	e.mu.Unlock()
	if plugged {
		return old, e.plug(nil)
	}
	return old, nil
}

// PINTries is how many wrong PINs the SIM still bears.
func (e *Emulator) PINTries() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sim == nil {
		return 0
	}
	return e.sim.pinLeft
}
