package emulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// table is what the modem knows. What it doesn't know answers ERROR, unless its maker does.
func (e *Emulator) table() map[string]command {
	ok := func(request) answer { return says() }
	t := map[string]command{
		"E":  func(r request) answer { e.state.echo = r.args[0] != "0"; return says() },
		"Z":  func(request) answer { e.settings(); return says() },
		"&F": func(request) answer { e.settings(); return says() },
		"&D": ok, "&C": ok, "&W": ok, "V": ok, "Q": ok, "S": ok, "H": ok,
		"I":     func(request) answer { return says(e.cfg.Maker, e.cfg.Model, e.cfg.Revision) },
		"+CGMI": fixed(e.cfg.Maker), "+GMI": fixed(e.cfg.Maker),
		"+CGMM": fixed(e.cfg.Model), "+GMM": fixed(e.cfg.Model),
		"+CGMR": fixed(e.cfg.Revision), "+GMR": fixed(e.cfg.Revision),
		"+CGSN": fixed(e.cfg.IMEI), "+GSN": fixed(e.cfg.IMEI),
		"+CIMI": func(r request) answer {
			if r.form == test {
				return says()
			}
			return says(e.sim.cfg.IMSI)
		},
		"+CCID": e.cardNumber, "+ICCID": e.cardNumber, "^ICCID": e.cardNumber,
		"+CNUM": func(request) answer {
			if e.sim.cfg.Number == "" {
				return says()
			}
			return says(fmt.Sprintf(`+CNUM: "",%q,145`, e.sim.cfg.Number))
		},
		"+CMEE":  e.setting("+CMEE", "(0,1,2)", &e.state.verbose),
		"+CREG":  e.registration("+CREG", &e.state.creg),
		"+CGREG": e.registration("+CGREG", &e.state.cgreg),
		"+CGATT": fixed("+CGATT: 1"),
		"+CFUN":  e.function,
		"+CPIN":  e.enterPIN, "+CLCK": e.facility, "+CPWD": e.password,
		"+CSQ":  e.signal,
		"+CBC":  fixed("+CBC: 0,100"),
		"+COPS": e.operator,
		"+CSCS": e.charset,
		"+CUSD": fixed("+CUSD: 0"), "+CHUP": fixed(), "+CLIP": fixed("+CLIP: 0,2"), "+CCLK": fixed(`+CCLK: "26/01/01,00:00:00+00"`),
		"+GCAP": fixed("+GCAP: +CGSM"), "+CRC": fixed("+CRC: 0"),
	}
	e.addMessages(t)
	e.addSending(t)
	return t
}

// cardNumber gives the SIM's ICCID, with the name of the command that asked.
func (e *Emulator) cardNumber(r request) answer {
	switch {
	case r.form == test:
		return says()
	case e.sim == nil:
		return e.equipmentError(simNotInserted)
	}
	return says(r.name + ": " + e.sim.cfg.ICCID)
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
			if offered(offers, r.arg(0)) {
				*value = r.arg(0)
				return says()
			}
		case execute:
		}
		return e.refused()
	}
}

// offered tells whether a set such as "(0-2,5)" holds the number.
func offered(set string, n int) bool {
	for _, part := range strings.Split(strings.Trim(set, "()"), ",") {
		low, high, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(low)
		to := from
		if isRange && err == nil {
			to, err = strconv.Atoi(high)
		}
		if err == nil && from <= n && n <= to {
			return true
		}
	}
	return false
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

// resetAfter is how long a modem that is to be switched off has to say OK.
const resetAfter = 100 * time.Millisecond

// function is AT+CFUN: 0 and 4 leave the network, 1 joins it, and a second 1 switches the modem off and on first.
func (e *Emulator) function(r request) answer {
	switch {
	case r.form == test:
		return says("+CFUN: (0,1,4),(0,1)")
	case r.form == read:
		return says(fmt.Sprintf("+CFUN: %d", e.state.function))
	case r.form == set && r.arg(1) == 1:
		e.agenda.after(resetAfter, e.reset)
	case r.form == set && offered("(0,1,4)", r.arg(0)):
		e.changing(func() { e.state.function = r.arg(0) })
	default:
		return e.refused()
	}
	return says()
}
