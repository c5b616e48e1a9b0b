package emulator

import (
	"strconv"

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

func (e *Emulator) refused() answer { return answer{failure: "ERROR"} }

// equipmentError is +CME ERROR, or ERROR where CMEE is off.
func (e *Emulator) equipmentError(code int) answer {
	if e.state.verbose == 0 {
		return e.refused()
	}
	return answer{failure: "+CME ERROR: " + strconv.Itoa(code)}
}

// messageError is +CMS ERROR, which no setting turns off.
func (e *Emulator) messageError(code int) answer {
	return answer{failure: "+CMS ERROR: " + strconv.Itoa(code)}
}

func (e *Emulator) answer(r request) answer {
	c, known := e.commands[r.name]
	if !known {
		e.cfg.Logger.Debug("unknown command", "name", r.name, "args", r.args)
		return e.refused()
	}
	if !e.state.unlocked && e.needsPIN(r.name) {
		return e.equipmentError(simPINRequired)
	}
	if e.needsSIM(r.name) {
		if _, now := e.happens(fault.SIMBusy); now {
			return e.messageError(simBusy)
		}
	}
	return c(r)
}

// needsSIM tells whether the command reads or writes a memory.
func (e *Emulator) needsSIM(name string) bool {
	switch name {
	case "+CPMS", "+CMGL", "+CMGR", "+CMGD":
		return true
	}
	return false
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
