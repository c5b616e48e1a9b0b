package emulator

import (
	"fmt"

	"waybill/gateway/modem/emulator/fault"
)

// every is the status that lists all.
const every = 4

// statuses are what text mode calls them, in the order of their numbers.
func statuses() []string {
	return []string{"REC UNREAD", "REC READ", "STO UNSENT", "STO SENT", "ALL"}
}

// wanted reads which messages are to be listed; -1 when it makes no sense.
func (e *Emulator) wanted(r request) int {
	if len(r.args) == 0 {
		return unread
	}
	if !e.state.text {
		if n := r.arg(0); n >= 0 && n <= every {
			return n
		}
		return -1
	}
	for n, name := range statuses() {
		if r.args[0] == name {
			return n
		}
	}
	return -1
}

func (e *Emulator) list(r request) answer {
	switch {
	case r.form == test && e.state.text:
		return says(`+CMGL: ("REC UNREAD","REC READ","STO UNSENT","STO SENT","ALL")`)
	case r.form == test:
		return says("+CMGL: (0-4)")
	}
	wanted := e.wanted(r)
	if wanted < 0 {
		return e.messageError(invalidPDU)
	}
	var a answer
	e.memory(e.state.selected[0]).each(func(index int, place **entry) {
		p := *place
		if wanted != every && p.status != wanted {
			return
		}
		if e.state.text {
			a.lines = append(a.lines, fmt.Sprintf("+CMGL: %d,%s", index, e.listed(*p)))
		} else {
			a.lines = append(a.lines, fmt.Sprintf("+CMGL: %d,%d,,%d\r\n%s", index, p.status, p.length, p.pdu))
		}
		p.see()
	})
	return a
}

// see notes that a message was read.
func (p *entry) see() {
	if p.status == unread {
		p.status = alreadyRead
	}
}

func (e *Emulator) readOne(r request) answer {
	if r.form == test {
		return says()
	}
	place := e.memory(e.state.selected[0]).at(r.arg(0))
	switch {
	case place == nil:
		return e.messageError(invalidIndex)
	case *place == nil && e.cfg.Profile.EmptySlot != "":
		return says(e.cfg.Profile.EmptySlot)
	case *place == nil:
		return e.messageError(invalidIndex)
	}
	p := *place
	var a answer
	if e.state.text {
		a = says("+CMGR: " + e.shown(*p))
	} else {
		a = says(fmt.Sprintf("+CMGR: %d,,%d\r\n%s", p.status, p.length, p.pdu))
	}
	p.see()
	return a
}

// remove deletes one message, or by its flag (3GPP TS 27.005, 3.5.4): 1 the read ones, 2 those and the sent, 3 the
// unsent besides, 4 all.
func (e *Emulator) remove(r request) answer {
	m := e.memory(e.state.selected[0])
	if r.form == test {
		return says(fmt.Sprintf("+CMGD: (%d-%d),(0-4)", m.first, m.first+m.capacity()-1))
	}
	flag := r.arg(1)
	place := m.at(r.arg(0))
	switch {
	case flag > every || flag <= 0 && (place == nil || *place == nil):
		return e.messageError(invalidIndex)
	case e.keepsDeleted():
	case flag <= 0:
		*place = nil
	default:
		m.each(func(_ int, p **entry) {
			if flag == every || (*p).deletedBy(flag) {
				*p = nil
			}
		})
	}
	return says()
}

func (p *entry) deletedBy(flag int) bool {
	switch p.status {
	case alreadyRead:
		return flag >= 1
	case storedSent:
		return flag >= 2
	case storedUnsent:
		return flag >= 3
	}
	return false
}

func (e *Emulator) keepsDeleted() bool {
	_, now := e.happens(fault.KeepDeleted)
	return now || e.faults.KeepDeleted
}
