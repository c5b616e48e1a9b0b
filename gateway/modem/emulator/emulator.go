package emulator

import (
	"errors"
	"strings"
	"sync"

	"github.com/warthog618/sms"

	"waybill/gateway/modem/charset"
)

// ErrUnplugged says that the modem is not on a terminal.
var ErrUnplugged = errors.New("the emulated modem is not started")

// Emulator is one modem with its SIM. Its methods may be called by many goroutines.
type Emulator struct {
	cfg      Config
	commands map[string]command

	plugging sync.Mutex // Held while starting and stopping.

	mu       sync.Mutex // Guards what follows.
	line     *terminal  // Nil while unplugged.
	state    state
	memories []*memory
	pinTries int        // Wrong PINs that the SIM still bears; a power cycle doesn't change them.
	waiting  []delivery // Held by the network because the memory is full.
	nextRef  int        // Message reference of the next CMGS.
	faults   Faults
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
	e := &Emulator{cfg: cfg.withDefaults(), faults: Faults{Signal: 20, Registered: true}, pinTries: 3, encoder: sms.NewEncoder(sms.AsDeliver)}
	for _, m := range e.cfg.Memories {
		e.memories = append(e.memories, newMemory(m))
	}
	e.commands = e.table()
	e.power()
	return e
}

// Start plugs the modem in and gives the path of its terminal: that of the link, when one is configured. Each start may
// be on another terminal, as with USB. What is on the SIM stays.
func (e *Emulator) Start() (string, error) {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	e.mu.Lock()
	running := e.line != nil
	e.mu.Unlock()
	if running {
		return "", errors.New("the emulated modem is started already")
	}
	line, err := openTerminal(e.cfg.Link)
	if err != nil {
		return "", err
	}
	e.mu.Lock()
	e.line = line
	e.power()
	e.mu.Unlock()
	line.start(e.input)
	return line.path, nil
}

// Close unplugs the modem and waits for its goroutines: who has the terminal open gets a hang-up. Start plugs it in again.
func (e *Emulator) Close() error {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	e.mu.Lock()
	line := e.line
	e.line = nil
	e.mu.Unlock()
	if line == nil {
		return nil
	}
	return line.close()
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
func (e *Emulator) say(text string) {
	if e.line != nil && !e.faults.Hang {
		e.line.say(text)
	}
}
