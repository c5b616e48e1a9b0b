package emulator

import (
	"fmt"
	"strings"
	"time"
)

// acknowledgeWithin is how long the modem waits for CNMA with CSMS=1 before it stops handing messages to the line (3GPP
// TS 27.005, 3.4.4; the network's timer).
const acknowledgeWithin = 15 * time.Second

// How CNMI routes: its second and fourth setting (3GPP TS 27.005, 3.4.1).
const (
	routeToLine  = 2
	reportToLine = 1
	reportStored = 2
)

// deliverWaiting takes what the network holds and there is room for, in order for each memory. It runs with mu held.
func (e *Emulator) deliverWaiting() {
	if e.sim == nil || e.line == nil || e.status() != registered || e.state.submitting != nil {
		return
	}
	e.sim.mu.Lock()
	waiting := e.sim.waiting
	e.sim.waiting = nil
	e.sim.mu.Unlock()
	if len(waiting) == 0 {
		return
	}
	full := map[string]bool{}
	kept := waiting[:0]
	for _, d := range waiting {
		if !e.accept(d, full) {
			kept = append(kept, d)
		}
	}
	e.sim.mu.Lock()
	e.sim.waiting = append(kept, e.sim.waiting...)
	e.sim.mu.Unlock()
}

// accept tells whether the modem has taken a delivery.
func (e *Emulator) accept(d delivery, full map[string]bool) bool {
	switch {
	case d.report && e.state.indicate[3] == reportToLine:
		return e.toLine("+CDS: ", d)
	case d.report && e.state.indicate[3] != reportStored:
		// Nobody asked for it: it is lost. After switching on, a client has some seconds to ask before the modem has
		// found the network.
		return e.state.routed
	case d.report:
		return e.keepMessage(d.entry, e.reportMemory(), "+CDSI", full)
	case d.memory == "" && e.state.indicate[1] == routeToLine:
		return e.toLine("+CMT: ", d)
	}
	name := d.memory
	if name == "" {
		name = e.state.selected[2]
	}
	return e.keepMessage(d.entry, name, "+CMTI", full)
}

// reportMemory is where reports are kept.
func (e *Emulator) reportMemory() string {
	if e.cfg.Profile.Reports != "" {
		return e.cfg.Profile.Reports
	}
	return e.state.selected[2]
}

// keepMessage stores a message and says so where it is asked for. One that finds its memory full stays in the network.
func (e *Emulator) keepMessage(m entry, name, code string, full map[string]bool) bool {
	if full[name] {
		return false
	}
	to := e.memory(name)
	if to == nil { // Announced in a memory that the modem doesn't have, as Huawei does with reports: lost.
		e.code(fmt.Sprintf("%s: %q,%d", code, name, 0))
		return true
	}
	index, ok := to.put(m)
	if !ok {
		full[name] = true
		e.tellFull(name)
		return false
	}
	e.state.toldFull[name] = false
	if code == "+CDSI" || e.state.indicate[1] != 0 {
		e.code(fmt.Sprintf("%s: %q,%d", code, name, index))
	}
	return true
}

// tellFull says once that a memory is full, as the maker has it.
func (e *Emulator) tellFull(name string) {
	if e.cfg.Profile.Full == "" || e.state.toldFull[name] || e.line == nil {
		return
	}
	e.state.toldFull[name] = true
	e.indicateLine(strings.ReplaceAll(e.cfg.Profile.Full, "{MEM}", name))
}

// toLine hands a message to the client instead of storing it. With CSMS=1 the next one waits for CNMA.
func (e *Emulator) toLine(code string, d delivery) bool {
	if e.line == nil || e.hung() || e.state.indicate[0] == 0 || e.state.unacknowledged != nil {
		return false
	}
	m := d.entry
	switch {
	case e.state.text:
		e.indicateLine(code + e.direct(m))
	case d.report:
		e.indicateLine(fmt.Sprintf("%s%d\r\n%s", code, m.length, m.pdu))
	default:
		e.indicateLine(fmt.Sprintf("%s,%d\r\n%s", code, m.length, m.pdu))
	}
	if e.state.service == 1 {
		e.state.unacknowledged = &d
		e.agenda.after(acknowledgeWithin, func() { e.unacknowledged(&d) })
	}
	return true
}

// unacknowledged does what the standard wants when no CNMA came: the message goes back, and nothing is handed to the
// line any more.
func (e *Emulator) unacknowledged(d *delivery) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.unacknowledged != d || e.sim == nil {
		return
	}
	e.state.unacknowledged = nil
	e.state.indicate[1], e.state.indicate[3] = 0, 0
	e.sim.mu.Lock()
	e.sim.waiting = append([]delivery{*d}, e.sim.waiting...)
	e.sim.mu.Unlock()
	e.deliverWaiting()
}

// maxBuffered bounds the codes that wait for CNMI to let them out.
const maxBuffered = 32

// code says that something has come, or keeps it while CNMI's mode is 0.
func (e *Emulator) code(line string) {
	if e.state.indicate[0] != 0 {
		e.indicateLine(line)
		return
	}
	if len(e.state.buffered) < maxBuffered {
		e.state.buffered = append(e.state.buffered, line)
	}
}
