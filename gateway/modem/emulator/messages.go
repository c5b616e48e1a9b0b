package emulator

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/emulator/fault"
)

// Codes of +CMS ERROR (3GPP TS 27.005, 3.2.5).
const (
	notSupported  = 303
	invalidPDU    = 304
	invalidIndex  = 321
	noNetwork     = 331
	invalidMemory = 302
	simBusy       = 314
)

func (e *Emulator) addMessages(t map[string]command) {
	t["+CMGF"] = e.format
	t["+CSMS"] = func(r request) answer {
		switch r.form {
		case test:
			return says("+CSMS: (0)")
		case read:
			return says("+CSMS: 0,1,1,1")
		case set, execute:
		}
		return says("+CSMS: 1,1,1")
	}
	t["+CMMS"] = fixed("+CMMS: 2")
	t["+CSCA"] = func(r request) answer {
		if r.form == read {
			return says(fmt.Sprintf("+CSCA: %q,145", e.cfg.Centre))
		}
		return says()
	}
	t["+CPMS"] = e.storage
	t["+CNMI"] = e.indication
	t["+CMGL"] = e.list
	t["+CMGR"] = e.readOne
	t["+CMGD"] = e.remove
	t["+CMGS"] = e.beginSubmit
}

// format knows PDU mode alone.
func (e *Emulator) format(r request) answer {
	switch {
	case r.form == test:
		return says("+CMGF: (0)")
	case r.form == read:
		return says("+CMGF: 0")
	case r.form == set && r.arg(0) == 0:
		return says()
	}
	return e.messageError(notSupported)
}

func (e *Emulator) storage(r request) answer {
	switch r.form {
	case test:
		names := make([]string, len(e.memories))
		for i, m := range e.memories {
			names[i] = fmt.Sprintf("%q", m.Name)
		}
		offer := "(" + strings.Join(names, ",") + ")"
		return says("+CPMS: " + offer + "," + offer + "," + offer)
	case read:
		parts := make([]string, 0, 3)
		for _, name := range e.state.selected {
			m := e.memory(name)
			parts = append(parts, fmt.Sprintf("%q,%d,%d", name, m.used(), m.Capacity))
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
			parts = append(parts, fmt.Sprintf("%d,%d", m.used(), m.Capacity))
		}
		return says("+CPMS: " + strings.Join(parts, ","))
	case execute:
	}
	return e.refused()
}

// indication stores what comes (mt 0 or 1) and never hands it to the line: what the modem does not offer it refuses.
func (e *Emulator) indication(r request) answer {
	offered := [5]int{2, 1, 0, 1, 1}
	switch r.form {
	case test:
		return says("+CNMI: (0-2),(0,1),(0),(0,1),(0,1)")
	case read:
		v := e.state.indicate
		return says(fmt.Sprintf("+CNMI: %d,%d,%d,%d,%d", v[0], v[1], v[2], v[3], v[4]))
	case set:
		values := e.state.indicate
		if len(r.args) > len(values) {
			return e.messageError(notSupported)
		}
		for i := range r.args {
			n := r.arg(i)
			if n < 0 || n > offered[i] {
				return e.messageError(notSupported)
			}
			values[i] = n
		}
		e.state.indicate = values
		return says()
	case execute:
	}
	return e.refused()
}

func (e *Emulator) list(r request) answer {
	if r.form == test {
		return says("+CMGL: (0-4)")
	}
	m := e.memory(e.state.selected[0])
	wanted := max(0, r.arg(0))
	var a answer
	for i, p := range m.places {
		if p == nil || wanted != 4 && p.status != wanted {
			continue
		}
		a.lines = append(a.lines, fmt.Sprintf("+CMGL: %d,%d,,%d\r\n%s", i+m.First, p.status, p.length, p.pdu))
		p.status = alreadyRead
	}
	return a
}

func (e *Emulator) readOne(r request) answer {
	if r.form == test {
		return says()
	}
	p := e.memory(e.state.selected[0]).at(r.arg(0))
	if p == nil || *p == nil {
		return e.messageError(invalidIndex)
	}
	a := says(fmt.Sprintf("+CMGR: %d,,%d\r\n%s", (*p).status, (*p).length, (*p).pdu))
	(*p).status = alreadyRead
	return a
}

// remove deletes one message, or by its flag: 1 the read ones, 2 and 3 those and the sent ones, 4 all.
func (e *Emulator) remove(r request) answer {
	m := e.memory(e.state.selected[0])
	if r.form == test {
		return says(fmt.Sprintf("+CMGD: (%d-%d),(0-4)", m.First, m.First+m.Capacity-1))
	}
	flag := r.arg(1)
	place := m.at(r.arg(0))
	switch {
	case flag <= 0 && (place == nil || *place == nil):
		return e.messageError(invalidIndex)
	case e.keepsDeleted():
	case flag <= 0:
		*place = nil
	default:
		for i, p := range m.places {
			if p != nil && (flag == 4 || p.status == alreadyRead) {
				m.places[i] = nil
			}
		}
	}
	return says()
}

func (e *Emulator) keepsDeleted() bool {
	_, now := e.happens(fault.KeepDeleted)
	return now || e.faults.KeepDeleted
}

func (e *Emulator) beginSubmit(r request) answer {
	if r.form == test {
		return says()
	}
	if r.form != set || r.arg(0) <= 0 {
		return e.messageError(invalidPDU)
	}
	e.state.submitting = r.arg(0)
	return answer{prompt: true}
}

// submit ends what the prompt began, with mu held, and gives what was sent.
func (e *Emulator) submit(payload string) *Submission {
	length := e.state.submitting
	e.state.submitting = 0
	fail := func(code int) *Submission {
		e.reply("\r\n" + e.messageError(code).failure + "\r\n")
		return nil
	}
	if t, now := e.happens(fault.SendError); now {
		return fail(t.Code)
	}
	if e.faults.SendError != 0 {
		return fail(e.faults.SendError)
	}
	if e.status() != registered {
		return fail(noNetwork)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(payload))
	if err != nil {
		return fail(invalidPDU)
	}
	pdu, err := pdumode.UnmarshalBinary(raw)
	if err != nil || len(pdu.TPDU) != length {
		return fail(invalidPDU)
	}
	t, err := sms.Unmarshal(pdu.TPDU, sms.AsMO)
	if err != nil {
		return fail(invalidPDU)
	}
	text, err := sms.Decode([]*tpdu.TPDU{t})
	if err != nil {
		text = nil // A character cut between parts: the PDU tells.
	}
	ref := e.nextRef
	e.nextRef = (e.nextRef + 1) % 256
	if _, silent := e.happens(fault.SendSilence); !silent {
		e.reply(fmt.Sprintf("\r\n+CMGS: %d\r\n\r\nOK\r\n", ref))
	}
	return &Submission{To: t.DA.Number(), Text: string(text), PDU: payload, Reference: ref, Time: time.Now().UTC()}
}
