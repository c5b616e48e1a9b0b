package emulator

import (
	"encoding/hex"
	"fmt"
	"strings"

	"waybill/gateway/modem/emulator/fault"
)

// submitting is what an open prompt is for.
type submitting struct {
	length int    // Of the TPDU that is announced, in octets; in text mode none is.
	to     string // In text mode, the receiver.
	write  bool   // It is to be stored (CMGW), not sent.
	status int    // As what it is stored.
}

func (e *Emulator) addSending(t map[string]command) {
	t["+CMGS"] = func(r request) answer { return e.begin(r, submitting{}) }
	t["+CMGW"] = e.beginWrite
	t["+CMSS"] = e.sendStored
	t["+CSMP"] = e.parameters
	t["+CMMS"] = func(r request) answer {
		switch {
		case r.form == test:
			return says("+CMMS: (0-2)")
		case r.form == read:
			return says(fmt.Sprintf("+CMMS: %d", e.state.more))
		case r.form == set && offered("(0-2)", r.arg(0)):
			e.state.more = r.arg(0)
			return says()
		}
		return e.messageError(notSupported)
	}
}

// begin opens the prompt.
func (e *Emulator) begin(r request, s submitting) answer {
	switch {
	case r.form == test:
		return says()
	case r.form != set:
		return e.messageError(invalidPDU)
	case e.state.text:
		s.to = r.args[0]
		if s.to == "" && !s.write || strings.Trim(s.to, "+0123456789*#") != "" {
			return e.messageError(invalidText)
		}
	default:
		s.length = r.arg(0)
		if s.length <= 0 {
			return e.messageError(invalidPDU)
		}
	}
	e.state.submitting = &s
	return answer{prompt: true}
}

func (e *Emulator) beginWrite(r request) answer {
	s := submitting{write: true, status: storedUnsent}
	if !e.state.text && len(r.args) > 1 {
		if s.status = r.arg(1); s.status < unread || s.status > storedSent {
			return e.messageError(invalidPDU)
		}
	}
	return e.begin(r, s)
}

// submit ends what the prompt began, with mu held, and gives what was sent.
func (e *Emulator) submit(payload string) *Submission {
	s := *e.state.submitting
	e.state.submitting = nil
	defer e.deliverWaiting()
	raw, code := e.payload(s, payload)
	if code == 0 && s.write {
		return e.write(raw, s.status)
	}
	var sent *Submission
	var ref int
	if code == 0 {
		sent, ref, code = e.send(raw)
	}
	if code != 0 {
		e.reply("\r\n" + e.messageError(code).failure + "\r\n")
		return nil
	}
	if _, silent := e.happens(fault.SendSilence); !silent {
		e.reply(fmt.Sprintf("\r\n+CMGS: %d\r\n\r\nOK\r\n", ref))
	}
	return sent
}

// payload gives the TPDU that the client typed, or the code of the error.
func (e *Emulator) payload(s submitting, payload string) ([]byte, int) {
	if e.state.text {
		raw, err := e.compose(s.to, payload)
		if err != nil {
			return nil, invalidText
		}
		return raw, 0
	}
	raw, err := hex.DecodeString(strings.TrimSpace(payload))
	if err != nil || len(raw) == 0 || int(raw[0])+1 > len(raw) {
		return nil, invalidPDU
	}
	raw = raw[1+int(raw[0]):] // Behind the service centre.
	if len(raw) != s.length {
		return nil, invalidPDU
	}
	return raw, 0
}

// write stores instead of sending.
func (e *Emulator) write(raw []byte, status int) *Submission {
	e.sim.mu.Lock()
	m, err := e.sim.stored(raw, status)
	e.sim.mu.Unlock()
	if err != nil {
		e.reply("\r\n" + e.messageError(invalidPDU).failure + "\r\n")
		return nil
	}
	index, ok := e.memory(e.state.selected[1]).put(m)
	if !ok {
		e.reply("\r\n" + e.messageError(memoryFull).failure + "\r\n")
		return nil
	}
	e.reply(fmt.Sprintf("\r\n+CMGW: %d\r\n\r\nOK\r\n", index))
	return nil
}

// sendStored is CMSS: what CMGW stored, to its receiver or another.
func (e *Emulator) sendStored(r request) answer {
	if r.form == test {
		return says()
	}
	place := e.memory(e.state.selected[1]).at(r.arg(0))
	if place == nil || *place == nil {
		return e.messageError(invalidIndex)
	}
	raw, err := (*place).tpdu()
	if err == nil && len(r.args) > 1 {
		raw, err = readdress(raw, r.args[1])
	}
	if err != nil {
		return e.messageError(invalidPDU)
	}
	sent, ref, code := e.send(raw)
	if code != 0 {
		return e.messageError(code)
	}
	(*place).status = storedSent
	if e.cfg.Sent != nil {
		e.agenda.after(0, func() { e.cfg.Sent(*sent) })
	}
	return says(fmt.Sprintf("+CMSS: %d", ref))
}
