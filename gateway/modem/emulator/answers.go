package emulator

import (
	"slices"

	"waybill/gateway/modem/emulator/fault"
)

// answer is what a command brings.
type answer struct {
	lines   []string
	failure string // The final result when it is not OK.
	prompt  bool   // A payload is awaited instead of a final result.
}

// command answers one request, with mu held.
type command func(r request) answer

func says(lines ...string) answer { return answer{lines: lines} }

func (e *Emulator) answer(r request) answer {
	c, known := e.commands[r.name]
	switch failure, needs := e.simMissing(r); {
	case !known:
		return e.byMaker(r)
	case needs:
		return failure
	}
	if e.asksSIM(r) {
		if _, now := e.happens(fault.SIMBusy); now && e.usesMemory(r.name) {
			return e.messageError(simBusy)
		} else if now {
			return e.equipmentError(simIsBusy)
		}
	}
	return c(r)
}

// simMissing is the answer of a command that the SIM is not ready for.
func (e *Emulator) simMissing(r request) (answer, bool) {
	if r.form == test || !e.needsSIM(r.name) {
		return answer{}, false
	}
	fail := e.equipmentError
	codes := [4]int{simNotInserted, simFailure, simPUKRequired, simPINRequired}
	if e.isMessages(r.name) {
		fail = e.messageError
		codes = [4]int{noSIMForText, failureForText, pukForText, pinForText}
	}
	switch {
	case e.sim == nil:
		return fail(codes[0]), true
	case e.sim.blocked():
		return fail(codes[1]), true
	case e.state.unlocked:
		return answer{}, false
	case e.sim.pinLeft == 0:
		return fail(codes[2]), true
	}
	return fail(codes[3]), true
}

// needsSIM tells whether the command works only with a SIM that is unlocked.
func (e *Emulator) needsSIM(name string) bool {
	return e.isMessages(name) || name == "+CIMI" || name == "+COPS" || name == "+CNUM"
}

// isMessages tells whether the command is one of 3GPP TS 27.005 that needs the SIM.
func (e *Emulator) isMessages(name string) bool {
	switch name {
	case "+CMGS", "+CMGW", "+CMSS", "+CSCA", "+CNMI", "+CNMA":
		return true
	}
	return e.usesMemory(name)
}

// usesMemory tells whether the command reads or writes a memory.
func (e *Emulator) usesMemory(name string) bool {
	switch name {
	case "+CPMS", "+CMGL", "+CMGR", "+CMGD":
		return true
	}
	return false
}

// asksSIM tells whether a SIM that is busy has the command wait.
func (e *Emulator) asksSIM(r request) bool {
	return e.usesMemory(r.name) || r.name == "+CIMI" || r.name == "+CPIN" && r.form == read
}

// byMaker answers what the standards don't know, if the maker does.
func (e *Emulator) byMaker(r request) answer {
	typed := r.name
	switch r.form {
	case read:
		typed += "?"
	case test:
		typed += "=?"
	case set, execute:
	}
	p := e.cfg.Profile
	switch line := p.Commands[typed]; {
	case p.Quiet != "" && r.name == p.Quiet && r.form == set:
		e.state.quiet = r.arg(0) == 0
		return says()
	case line != "":
		return says(line)
	case r.form == set && slices.Contains(p.Takes, r.name):
		return says()
	case p.Temperature != "" && typed == p.Temperature:
		return says(p.Degrees)
	case p.Tries != "" && typed == p.Tries:
		return e.tries(r.name)
	}
	e.cfg.Logger.Debug("unknown command", "name", r.name, "args", r.args)
	return e.refused()
}

// fixed answers the same whatever the form, and takes any setting.
func fixed(lines ...string) command {
	return func(r request) answer {
		if r.form == test || r.form == set {
			return says()
		}
		return says(lines...)
	}
}
