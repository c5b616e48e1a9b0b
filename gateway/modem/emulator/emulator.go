package emulator

import (
	"errors"
	"strings"
	"sync"

	"github.com/warthog618/sms"

	"waybill/gateway/modem/charset"
	"waybill/gateway/modem/emulator/fault"
)

// ErrUnplugged says that the modem is not on a terminal.
var ErrUnplugged = errors.New("the emulated modem is not plugged in")

// Emulator is one modem with its SIM. Its methods may be called by many goroutines.
type Emulator struct {
	cfg      Config
	commands map[string]command
	agenda   *agenda

	plugging sync.Mutex // Held while it is plugged in and out, before mu.
	life     *life      // Guarded by plugging: nil while closed.
	leaving  *terminal  // Guarded by plugging: of a modem that is on its way to another terminal.

	mu       sync.Mutex // Guards what follows.
	line     *terminal  // Nil while unplugged.
	state    state
	memories []*memory
	pinTries int        // Wrong PINs that the SIM still bears; a power cycle doesn't change them.
	waiting  []delivery // Held by the network because the memory is full.
	nextRef  int        // Message reference of the next CMGS.
	faults   Faults
	trouble  map[fault.Kind]*trouble
	typed    strings.Builder // What the client has typed of a line or payload.
	encoder  *sms.Encoder    // Numbers long messages.
}

// state is what a power cycle resets.
type state struct {
	echo       bool
	verbose    int // CMEE.
	creg       int
	cgreg      int
	charset    string
	unlocked   bool
	indicate   [5]int    // CNMI.
	selected   [3]string // CPMS: read and delete, write and send, receive.
	submitting int       // Length given to CMGS while the prompt is open.
}

// New makes a modem that is switched off; Start plugs it in.
func New(cfg Config) *Emulator {
	charset.Prepare()
	e := &Emulator{
		cfg: cfg.withDefaults(), faults: healthy(), trouble: map[fault.Kind]*trouble{}, agenda: newAgenda(),
		pinTries: 3, encoder: sms.NewEncoder(sms.AsDeliver),
	}
	for _, m := range e.cfg.Memories {
		e.memories = append(e.memories, newMemory(m))
	}
	e.commands = e.table()
	e.power()
	return e
}

// power is what switching on does.
func (e *Emulator) power() {
	e.typed.Reset()
	first := e.cfg.Memories[0].Name
	e.state = state{
		echo: true, charset: "GSM", unlocked: e.cfg.PIN == "", selected: [3]string{first, first, first},
	}
}

// say writes to the terminal, with mu held.
func (e *Emulator) say(text string) { e.sayLate(text, 0) }

// reset is what AT+CFUN=1,1 does.
func (e *Emulator) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.restart()
}

// restart switches the modem off and on, with mu held.
func (e *Emulator) restart() {
	e.power()
	e.awake()
	e.indicateLine("RDY")
}
