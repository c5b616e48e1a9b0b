package emulator

import (
	"fmt"

	"waybill/gateway/modem/emulator/fault"
)

// What CREG says (3GPP TS 27.007, 7.2).
const (
	notSearching = 0
	registered   = 1
	searching    = 2
)

// status is the registration, with mu held.
func (e *Emulator) status() int {
	switch t := e.trouble[fault.NoNetwork]; {
	case e.state.function != 1, e.sim == nil:
		return notSearching
	case t != nil:
		return t.Code
	case !e.faults.Registered, !e.state.unlocked:
		return searching
	}
	return registered
}

// place is what CREG tells of the cell with mode 2.
const place = `,"1A2B","0001C3D4"`

// announceStatus tells of a change of the registration where CREG and CGREG ask for it.
func (e *Emulator) announceStatus(status int) {
	for _, c := range []struct {
		name string
		mode int
	}{{"+CREG", e.state.creg}, {"+CGREG", e.state.cgreg}} {
		if c.mode == 0 {
			continue
		}
		line := fmt.Sprintf("%s: %d", c.name, status)
		if c.mode == 2 && status == registered {
			line += place
		}
		e.indicateLine(line)
	}
}

// indicateLine says what nobody asked for.
func (e *Emulator) indicateLine(line string) { e.say("\r\n" + line + "\r\n") }

func (e *Emulator) registration(name string, mode *int) command {
	keep := e.setting(name, "(0,1,2)", mode)
	return func(r request) answer {
		if r.form != read {
			return keep(r)
		}
		status := e.status()
		line := fmt.Sprintf("%s: %d,%d", name, *mode, status)
		if *mode == 2 && status == registered {
			line += place
		}
		return says(line)
	}
}

func (e *Emulator) operator(r request) answer {
	switch {
	case r.form == test:
		return says(fmt.Sprintf(`+COPS: (2,%q,%q,"46000"),,(0-4),(0-2)`, e.operatorName(), e.operatorName()))
	case r.form == read && e.status() != registered:
		return says("+COPS: 0")
	case r.form == read:
		return says(fmt.Sprintf("+COPS: 0,0,%q", e.operatorName()))
	}
	return says()
}

func (e *Emulator) operatorName() string {
	if e.sim == nil {
		return ""
	}
	return e.sim.cfg.Operator
}

// signal is what CSQ says.
func (e *Emulator) signal(request) answer {
	strength := e.faults.Signal
	if t := e.trouble[fault.Signal]; t != nil {
		strength = t.Code
	}
	if e.status() == notSearching {
		strength = 99
	}
	return says(fmt.Sprintf("+CSQ: %d,99", strength))
}
