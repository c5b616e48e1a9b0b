package emulator

import "fmt"

// simState is what CPIN? answers; empty when the SIM is none or of no use.
func (e *Emulator) simState() string {
	switch {
	case e.sim == nil, e.sim.blocked():
		return ""
	case e.state.unlocked:
		return "READY"
	case e.sim.pinLeft == 0:
		return "SIM PUK"
	}
	return "SIM PIN"
}

// simError is the answer when there is no use in asking the SIM.
func (e *Emulator) simError() answer {
	if e.sim == nil {
		return e.equipmentError(simNotInserted)
	}
	return e.equipmentError(simFailure)
}

// enterPIN is AT+CPIN: the PIN, or the PUK with a new PIN.
func (e *Emulator) enterPIN(r request) answer {
	state := e.simState()
	switch r.form {
	case test:
		return says()
	case execute:
		return e.refused()
	case read:
		if state == "" {
			return e.simError()
		}
		return says("+CPIN: " + state)
	case set:
	}
	switch {
	case state == "":
		return e.simError()
	case state == "READY":
		return e.equipmentError(notAllowed)
	case state == "SIM PUK" && len(r.args) < 2:
		return e.equipmentError(simPUKRequired)
	case state == "SIM PUK":
		return e.enterPUK(r.args[0], r.args[1])
	}
	if a, right := e.tryPIN(r.args[0]); !right {
		return a
	}
	e.changing(func() { e.state.unlocked = true })
	return says()
}

func (e *Emulator) enterPUK(puk, pin string) answer {
	s := e.sim
	if puk != s.cfg.PUK || !isPIN(pin) {
		s.pukLeft = max(0, s.pukLeft-1)
		if s.blocked() {
			return e.equipmentError(simFailure)
		}
		return e.equipmentError(incorrectPassword)
	}
	s.pin, s.pinLeft, s.pukLeft, s.locks = pin, pinTries, pukTries, true
	e.changing(func() { e.state.unlocked = true })
	return says()
}

// tryPIN tells whether the PIN is right, and what to answer when it isn't.
func (e *Emulator) tryPIN(pin string) (answer, bool) {
	s := e.sim
	switch {
	case s.pinLeft == 0:
		return e.equipmentError(simPUKRequired), false
	case pin == s.pin && pin != "":
		s.pinLeft = pinTries
		return answer{}, true
	}
	s.pinLeft--
	if s.pinLeft == 0 {
		e.changing(func() { e.state.unlocked = false })
		return e.equipmentError(simPUKRequired), false
	}
	return e.equipmentError(incorrectPassword), false
}

func isPIN(pin string) bool {
	if len(pin) < 4 || len(pin) > 8 {
		return false
	}
	for _, c := range pin {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// facility is AT+CLCK, which knows the lock of the SIM alone.
func (e *Emulator) facility(r request) answer {
	switch {
	case r.form == test:
		return says(`+CLCK: ("SC")`)
	case r.form != set || r.args[0] != "SC":
		return e.equipmentError(notAllowed)
	case e.simState() != "READY":
		return e.simError()
	case r.arg(1) == 2:
		locks := 0
		if e.sim.locks {
			locks = 1
		}
		return says(fmt.Sprintf("+CLCK: %d", locks))
	case r.arg(1) < 0 || r.arg(1) > 1 || len(r.args) < 3:
		return e.equipmentError(notAllowed)
	}
	if a, right := e.tryPIN(r.args[2]); !right {
		return a
	}
	e.sim.locks = r.arg(1) == 1
	return says()
}

// password is AT+CPWD: another PIN.
func (e *Emulator) password(r request) answer {
	switch {
	case r.form == test:
		return says(`+CPWD: ("SC",8)`)
	case r.form != set || len(r.args) != 3 || r.args[0] != "SC" || !isPIN(r.args[2]):
		return e.equipmentError(notAllowed)
	case e.simState() != "READY" || !e.sim.locks:
		return e.equipmentError(notAllowed)
	}
	if a, right := e.tryPIN(r.args[1]); !right {
		return a
	}
	e.sim.pin = r.args[2]
	return says()
}

// tries tells how many wrong ones the SIM still bears, as the maker has it.
func (e *Emulator) tries(name string) answer {
	if e.sim == nil {
		return e.equipmentError(simNotInserted)
	}
	pin, puk := e.sim.pinLeft, e.sim.pukLeft
	switch name {
	case "+CPINR": // 3GPP TS 27.007, 8.65.
		return says(fmt.Sprintf("+CPINR: SIM PIN,%d,%d", pin, pinTries), fmt.Sprintf("+CPINR: SIM PUK,%d,%d", puk, pukTries))
	case "+SPIC":
		return says(fmt.Sprintf("+SPIC: %d,%d,3,10", pin, puk))
	case "+QPINC":
		return says(fmt.Sprintf(`+QPINC: "SC",%d,%d`, pin, puk), `+QPINC: "P2",3,10`)
	case "^CPIN":
		left := ""
		switch {
		case e.simState() == "SIM PIN":
			left = fmt.Sprint(pin)
		case e.simState() == "SIM PUK":
			left = fmt.Sprint(puk)
		}
		return says(fmt.Sprintf("^CPIN: %s,%s,%d,%d,10,3", e.simState(), left, puk, pin))
	case "^SPIC":
		if pin > 0 {
			return says(fmt.Sprintf("^SPIC: %d", pin))
		}
		return says(fmt.Sprintf("^SPIC: %d", puk))
	}
	return e.refused()
}
