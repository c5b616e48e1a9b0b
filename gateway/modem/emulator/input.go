package emulator

import "strings"

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
	if e.line == nil || e.faults.Hang {
		return nil
	}
	t := &e.typed
	if e.state.submitting > 0 {
		switch b {
		case ctrlZ:
			payload := t.String()
			t.Reset()
			if e.state.echo {
				e.say(payload)
			}
			return e.submit(payload)
		case escape:
			t.Reset()
			e.state.submitting = 0
			e.say("\r\nOK\r\n")
		case '\r', '\n':
		default:
			e.keep(b)
		}
		return nil
	}
	switch b {
	case '\r':
		line := t.String()
		t.Reset()
		if e.state.echo && line != "" {
			e.say(line + "\r")
		}
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

func (e *Emulator) keep(b byte) {
	if e.typed.Len() < maxLine {
		e.typed.WriteByte(b)
	}
}

// run does the commands of a line. The first that fails ends it.
func (e *Emulator) run(line string) {
	start := strings.Index(strings.ToUpper(line), "AT")
	if start < 0 {
		return // A modem doesn't hear what does not begin with AT.
	}
	for _, r := range requests(line[start+2:]) {
		a := e.answer(r)
		for _, l := range a.lines {
			e.say("\r\n" + l + "\r\n")
		}
		switch {
		case a.prompt:
			e.say("\r\n> ")
			return
		case a.failure != "":
			e.say("\r\n" + a.failure + "\r\n")
			return
		}
	}
	e.say("\r\nOK\r\n")
	e.deliverWaiting()
}
