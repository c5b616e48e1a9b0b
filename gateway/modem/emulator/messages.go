package emulator

import (
	"fmt"
	"strings"
)

func (e *Emulator) addMessages(t map[string]command) {
	t["+CMGF"] = e.format
	t["+CSDH"] = func(r request) answer { return e.flag(r, "+CSDH", &e.state.headers) }
	t["+CSMS"] = e.service
	t["+CNMA"] = e.acknowledge
	t["+CSCA"] = e.centre
	t["+CPMS"] = e.storage
	t["+CNMI"] = e.indication
	t["+CMGL"] = e.list
	t["+CMGR"] = e.readOne
	t["+CMGD"] = e.remove
}

// flag is a command that keeps 0 or 1.
func (e *Emulator) flag(r request, name string, value *bool) answer {
	switch {
	case r.form == test:
		return says(name + ": (0,1)")
	case r.form == read && *value:
		return says(name + ": 1")
	case r.form == read:
		return says(name + ": 0")
	case r.form == set && (r.arg(0) == 0 || r.arg(0) == 1):
		*value = r.arg(0) == 1
		return says()
	}
	return e.messageError(notSupported)
}

// format is PDU mode or text mode.
func (e *Emulator) format(r request) answer { return e.flag(r, "+CMGF", &e.state.text) }

// service is CSMS: with 1, what is handed to the line has to be acknowledged by CNMA.
func (e *Emulator) service(r request) answer {
	switch {
	case r.form == test:
		return says("+CSMS: (0,1)")
	case r.form == read:
		return says(fmt.Sprintf("+CSMS: %d,1,1,1", e.state.service))
	case r.form == set && (r.arg(0) == 0 || r.arg(0) == 1):
		e.state.service = r.arg(0)
		return says("+CSMS: 1,1,1")
	}
	return e.messageError(notSupported)
}

// acknowledge is CNMA.
func (e *Emulator) acknowledge(r request) answer {
	switch {
	case r.form == test:
		return says("+CNMA: (0-2)")
	case e.state.unacknowledged == nil:
		return e.messageError(nothingToAck)
	}
	e.state.unacknowledged = nil
	return says()
}

func (e *Emulator) centre(r request) answer {
	switch r.form {
	case read:
		return says(fmt.Sprintf("+CSCA: %q,145", e.sim.cfg.Centre))
	case set:
		if number := r.args[0]; number != "" {
			e.sim.mu.Lock()
			e.sim.cfg.Centre = number
			e.sim.mu.Unlock()
		}
	case test, execute:
	}
	return says()
}

func (e *Emulator) storage(r request) answer {
	switch r.form {
	case test:
		names := make([]string, len(e.memories))
		for i, m := range e.memories {
			names[i] = fmt.Sprintf("%q", m.name)
		}
		offer := "(" + strings.Join(names, ",") + ")"
		return says("+CPMS: " + offer + "," + offer + "," + offer)
	case read:
		parts := make([]string, 0, 3)
		for _, name := range e.state.selected {
			m := e.memory(name)
			parts = append(parts, fmt.Sprintf("%q,%d,%d", name, m.used(), m.capacity()))
		}
		return says("+CPMS: " + strings.Join(parts, ","))
	case set:
		if len(r.args) > 3 {
			return e.messageError(invalidMemory)
		}
		for _, name := range r.args {
			if e.memory(name) == nil {
				return e.messageError(invalidMemory)
			}
		}
		copy(e.state.selected[:], r.args)
		parts := make([]string, 0, 3)
		for _, name := range e.state.selected {
			m := e.memory(name)
			parts = append(parts, fmt.Sprintf("%d,%d", m.used(), m.capacity()))
		}
		return says("+CPMS: " + strings.Join(parts, ","))
	case execute:
	}
	return e.refused()
}

// indication takes what the profile offers and refuses the rest.
func (e *Emulator) indication(r request) answer {
	offers := e.cfg.Profile.Offers
	switch r.form {
	case test:
		return says("+CNMI: " + strings.Join(offers[:], ","))
	case read:
		v := e.state.indicate
		return says(fmt.Sprintf("+CNMI: %d,%d,%d,%d,%d", v[0], v[1], v[2], v[3], v[4]))
	case set:
		values := e.state.indicate
		if len(r.args) > len(values) {
			return e.messageError(notSupported)
		}
		for i := range r.args {
			if r.args[i] == "" {
				continue
			}
			if !offered(offers[i], r.arg(i)) {
				return e.messageError(notSupported)
			}
			values[i] = r.arg(i)
		}
		e.state.indicate, e.state.routed = values, true
		e.release()
		return says()
	case execute:
	}
	return e.refused()
}

// release lets out the codes that waited for CNMI's mode, or forgets them where its last setting is 1.
func (e *Emulator) release() {
	if e.state.indicate[0] == 0 {
		return
	}
	buffered := e.state.buffered
	e.state.buffered = nil
	if e.state.indicate[4] == 0 {
		e.agenda.after(0, func() { // Behind the answer.
			e.mu.Lock()
			defer e.mu.Unlock()
			for _, line := range buffered {
				e.indicateLine(line)
			}
		})
	}
}
