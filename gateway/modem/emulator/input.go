package emulator

import (
	"strings"

	"waybill/gateway/modem/emulator/fault"
)

const (
	escape  = 0x1b
	ctrlZ   = 0x1a
	maxLine = 1024
)

// input takes the next byte from the client.
func (e *Emulator) input(b byte) {
	e.mu.Lock()
	sent := e.take(b)
	e.mu.Unlock()
	if sent != nil && e.cfg.Sent != nil {
		e.cfg.Sent(*sent)
	}
}

// take handles a byte with mu held, and gives what was sent by it, if anything.
func (e *Emulator) take(b byte) *Submission {
	switch {
	case e.line == nil:
		return nil
	case e.hung():
		e.hearReset(b)
		return nil
	}
	if e.state.echo && b != escape && b != ctrlZ {
		e.say(string([]byte{b}))
	}
	if e.state.submitting != nil {
		return e.takePayload(b)
	}
	t := &e.typed
	switch b {
	case '\r':
		line := t.String()
		t.Reset()
		e.run(line)
	case escape, ctrlZ:
		t.Reset()
	case '\n':
	case '\b':
		line := t.String()
		t.Reset()
		t.WriteString(line[:max(0, len(line)-1)])
	default:
		e.keep(b)
	}
	return nil
}

// takePayload takes a byte of what the prompt asked for.
func (e *Emulator) takePayload(b byte) *Submission {
	t := &e.typed
	switch b {
	case ctrlZ:
		payload := t.String()
		t.Reset()
		return e.submit(payload)
	case escape:
		t.Reset()
		e.state.submitting = nil
		e.reply("\r\nOK\r\n")
	case '\n':
	case '\r':
		if e.state.text {
			if e.keep('\n'); e.state.echo {
				e.say("\n> ")
			}
		}
	default:
		e.keep(b)
	}
	return nil
}

// hearReset has a hung modem listen for AT+CFUN, where the fault says that this ends it.
func (e *Emulator) hearReset(b byte) {
	t := e.trouble[fault.Hang]
	if t == nil || t.End != fault.EndReset || e.faults.Hang {
		return
	}
	if b != '\r' {
		e.keep(b)
		return
	}
	line := e.typed.String()
	e.typed.Reset()
	if strings.Contains(strings.ToUpper(line), "AT+CFUN=") {
		e.changing(func() { e.over(fault.Hang) })
		e.run(line)
	}
}

func (e *Emulator) keep(b byte) {
	if e.typed.Len() < maxLine {
		e.typed.WriteByte(b)
	}
}

// run does the commands of a line. The first that fails ends it.
func (e *Emulator) run(line string) {
	start := attention(line)
	if start < 0 {
		return // A modem doesn't hear what does not begin with AT.
	}
	if most := e.cfg.Profile.LongLine; most > 0 && len(line) > most {
		e.reply("\r\nERROR\r\n")
		return
	}
	var out strings.Builder
	for _, r := range requests(line[start+2:]) {
		a := e.answer(r)
		for _, l := range a.lines {
			out.WriteString("\r\n" + l + "\r\n")
		}
		switch {
		case a.prompt:
			e.reply(out.String() + "\r\n> ")
			return
		case a.failure != "":
			e.reply(out.String() + "\r\n" + a.failure + "\r\n")
			return
		}
	}
	e.reply(out.String() + "\r\nOK\r\n")
	e.deliverWaiting()
}

// attention finds AT; -1 when it isn't there. (ToUpper would change the length of garbage.)
func attention(line string) int {
	for i := range len(line) - 1 {
		if line[i]|0x20 == 'a' && line[i+1]|0x20 == 't' {
			return i
		}
	}
	return -1
}
