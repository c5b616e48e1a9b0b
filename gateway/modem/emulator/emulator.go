package emulator

import (
	"errors"
	"strings"
	"sync"

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

	mu        sync.Mutex // Guards what follows.
	line      *terminal  // Nil while unplugged.
	state     state
	sim       *SIM  // Nil when there is none.
	equipment *bank // The modem's own memory, ME.
	reports   *bank // SR.
	memories  []*memory
	faults    Faults
	trouble   map[fault.Kind]*trouble
	typed     strings.Builder // What the client has typed of a line or payload.
}

// state is what a power cycle resets.
type state struct {
	function int // CFUN.
	unlocked bool
	creg     int
	cgreg    int
	indicate [5]int    // CNMI.
	routed   bool      // CNMI was set since the modem was switched on.
	selected [3]string // CPMS: read and delete, write and send, receive.
	service  int       // CSMS.
	quiet    bool      // The maker's chatter is off.

	settings

	submitting     *submitting     // What the open prompt is for, or nil.
	buffered       []string        // Codes that wait for CNMI's mode.
	unacknowledged *delivery       // What waits for CNMA.
	toldFull       map[string]bool // Memories that the client knows to be full.
}

// settings are what ATZ resets.
type settings struct {
	echo    bool
	verbose int // CMEE.
	charset string
	text    bool   // CMGF.
	headers bool   // CSDH.
	submit  [4]int // CSMP: first octet, validity period, protocol, coding.
	more    int    // CMMS.
}

// New makes a modem that is switched off; Start plugs it in.
func New(cfg Config) *Emulator {
	charset.Prepare()
	cfg = cfg.withDefaults()
	e := &Emulator{
		cfg: cfg, faults: healthy(), trouble: map[fault.Kind]*trouble{}, agenda: newAgenda(),
		equipment: newBank(cfg.capacity("ME")), reports: newBank(cfg.capacity("SR")),
	}
	if err := cfg.SIM.insert(e); err == nil {
		e.sim = cfg.SIM
	}
	e.memories = e.layout()
	e.commands = e.table()
	e.power()
	return e
}

// power is what switching on does.
func (e *Emulator) power() {
	e.typed.Reset()
	first := e.cfg.Memories[0].Name
	e.state = state{
		function: 1, unlocked: e.sim != nil && !e.sim.locks && !e.sim.blocked(), selected: [3]string{first, first, first},
		toldFull: map[string]bool{},
	}
	e.settings()
}

// settings are put back to what they were made as.
func (e *Emulator) settings() {
	e.state.settings = settings{echo: true, charset: "GSM", submit: [4]int{17, 167, 0, 0}}
}

// say writes to the terminal, with mu held.
func (e *Emulator) say(text string) { e.sayLate(text, 0) }

// reset is what AT+CFUN=1,1 does, on the agenda's goroutine.
func (e *Emulator) reset() {
	if e.cfg.Profile.Leaves {
		if err := e.Reenumerate(0); err != nil {
			e.cfg.Logger.Warn("the emulated modem could not be reset", "error", err)
		}
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.restart()
}

// restart switches the modem off and on, with mu held.
func (e *Emulator) restart() {
	e.power()
	e.awake()
	e.greet()
}

// greet says what the maker has it say after switching on; a modem without one says RDY.
func (e *Emulator) greet() {
	banner := e.cfg.Profile.Banner
	if len(banner) == 0 {
		banner = []string{"RDY"}
	}
	for _, line := range banner {
		state := e.simState()
		if state == "" {
			state = "NOT INSERTED"
		}
		e.indicateLine(strings.ReplaceAll(line, "{PIN}", state))
	}
}
