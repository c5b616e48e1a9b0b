package emulator

import (
	"fmt"
	"strconv"
	"strings"
)

// Codes of +CME ERROR (3GPP TS 27.007, 9.2).
const (
	simPINRequired    = 11
	incorrectPassword = 16
	notAllowed        = 3
)

// table is what the modem knows. What it doesn't know answers ERROR.
func (e *Emulator) table() map[string]command {
	t := map[string]command{
		"E": func(r request) answer { e.state.echo = r.args[0] != "0"; return says() },
		"Z": func(request) answer { return says() }, "&F": func(request) answer { return says() },
		"&D": func(request) answer { return says() }, "&C": func(request) answer { return says() },
		"V": func(request) answer { return says() }, "Q": func(request) answer { return says() }, "S": func(request) answer { return says() },
		"H":     func(request) answer { return says() },
		"I":     func(request) answer { return says(e.cfg.Maker, e.cfg.Model, e.cfg.Revision) },
		"+CGMI": fixed(e.cfg.Maker), "+GMI": fixed(e.cfg.Maker),
		"+CGMM": fixed(e.cfg.Model), "+GMM": fixed(e.cfg.Model),
		"+CGMR": fixed(e.cfg.Revision), "+GMR": fixed(e.cfg.Revision),
		"+CGSN": fixed(e.cfg.IMEI), "+GSN": fixed(e.cfg.IMEI),
		"+CIMI": fixed(e.cfg.IMSI),
		"+CNUM": func(request) answer {
			if e.cfg.Number == "" {
				return says()
			}
			return says(fmt.Sprintf(`+CNUM: "",%q,145`, e.cfg.Number))
		},
		"+CMEE":  e.setting("+CMEE", "(0,1,2)", &e.state.verbose),
		"+CREG":  e.registration("+CREG", &e.state.creg),
		"+CGREG": e.registration("+CGREG", &e.state.cgreg),
		"+CGATT": fixed("+CGATT: 1"),
		"+CFUN":  e.function,
		"+CPIN":  e.pin,
		"+CSQ":   e.signal,
		"+CBC":   fixed("+CBC: 0,100"),
		"+COPS":  e.operator,
		"+CSCS":  e.charset,
		"+CUSD":  fixed("+CUSD: 0"), "+CHUP": fixed(), "+CLIP": fixed("+CLIP: 0,2"), "+CCLK": fixed(`+CCLK: "26/01/01,00:00:00+00"`),
		"+GCAP": fixed("+GCAP: +CGSM"), "+CRC": fixed("+CRC: 0"),
	}
	e.addMessages(t)
	return t
}

// needsPIN tells whether the command works only with an unlocked SIM.
func (e *Emulator) needsPIN(name string) bool {
	switch name {
	case "+CIMI", "+CPMS", "+CMGL", "+CMGR", "+CMGD", "+CMGS", "+CSCA", "+COPS", "+CNUM", "+CNMI":
		return true
	}
	return false
}

// setting is a command that keeps one number.
func (e *Emulator) setting(name, offers string, value *int) command {
	return func(r request) answer {
		switch r.form {
		case test:
			return says(name + ": " + offers)
		case read:
			return says(name + ": " + strconv.Itoa(*value))
		case set:
			if n := r.arg(0); n >= 0 && strings.Contains(offers, strconv.Itoa(n)) {
				*value = n
				return says()
			}
		case execute:
		}
		return e.refused()
	}
}

func (e *Emulator) charset(r request) answer {
	switch r.form {
	case test:
		return says(`+CSCS: ("GSM","HEX","IRA","UCS2")`)
	case read:
		return says(fmt.Sprintf("+CSCS: %q", e.state.charset))
	case set:
		switch r.args[0] {
		case "GSM", "HEX", "IRA", "UCS2":
			e.state.charset = r.args[0]
			return says()
		}
	case execute:
	}
	return e.refused()
}

func (e *Emulator) function(r request) answer {
	switch {
	case r.form == read:
		return says("+CFUN: 1")
	case r.form == set && r.arg(1) == 1:
		e.agenda.after(0, e.reset)
	}
	return says()
}

func (e *Emulator) pin(r request) answer {
	switch r.form {
	case read:
		switch {
		case e.state.unlocked:
			return says("+CPIN: READY")
		case e.pinTries == 0:
			return says("+CPIN: SIM PUK")
		}
		return says("+CPIN: SIM PIN")
	case set:
		switch {
		case e.state.unlocked:
			return e.equipmentError(notAllowed)
		case e.pinTries > 0 && r.args[0] == e.cfg.PIN:
			e.state.unlocked, e.pinTries = true, 3
			return says()
		}
		e.pinTries = max(0, e.pinTries-1)
		return e.equipmentError(incorrectPassword)
	case test:
		return says()
	case execute:
	}
	return e.refused()
}
