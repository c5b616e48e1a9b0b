package emulator

import (
	"errors"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

// errSubmit says that a TPDU to be sent is broken.
var errSubmit = errors.New("not an SMS-SUBMIT")

// outgoing is what an SMS-SUBMIT says (3GPP TS 23.040, 9.2.2.2).
type outgoing struct {
	raw      []byte
	address  []byte // TP-DA as it is on the wire.
	to       string
	report   bool // TP-SRR.
	validity time.Duration
	text     string
	tpdu     *tpdu.TPDU
	joint    joint // Of a part; its total is 0 for a whole message.
	number   int
}

// joint is what the parts of a message have in common.
type joint struct {
	to               string
	reference, total int
}

// readSubmit checks each length against the others, as a service centre does, and leaves reading the text to the codec.
func readSubmit(raw []byte) (outgoing, error) {
	fields, ok := cutSubmit(raw)
	if !ok {
		return outgoing{}, errSubmit
	}
	t, err := sms.Unmarshal(raw, sms.AsMO)
	if err != nil {
		return outgoing{}, errors.Join(errSubmit, err)
	}
	out := outgoing{raw: raw, address: fields.address, to: t.DA.Number(), report: raw[0]&0x20 != 0, tpdu: t}
	if out.to == "" { // Letters of which there is none.
		return outgoing{}, errSubmit
	}
	if t.FirstOctet.VPF() == tpdu.VpfRelative {
		out.validity = t.VP.Duration
	}
	if text, err := sms.Decode([]*tpdu.TPDU{t}); err == nil {
		out.text = string(text) // Else a character is cut between parts: the PDU tells.
	}
	if total, number, reference, ok := t.ConcatInfo(); ok && total > 1 && number >= 1 && number <= total {
		out.joint, out.number = joint{out.to, reference, total}, number
	}
	return out, nil
}

type submitFields struct{ address []byte }

// cutSubmit cuts the TPDU into its fields; they must fill it exactly.
func cutSubmit(raw []byte) (submitFields, bool) {
	const typeMask, submit = 0x03, 0x01
	if len(raw) < 3 || raw[0]&typeMask != submit {
		return submitFields{}, false
	}
	digits := int(raw[2])
	rest := raw[2:]
	if digits == 0 || digits > 20 || len(rest) < 2+(digits+1)/2 {
		return submitFields{}, false
	}
	f := submitFields{address: rest[:2+(digits+1)/2]}
	rest = rest[len(f.address):]
	validity := [4]int{0, 7, 1, 7}[raw[0]>>3&3]
	if len(rest) < 3+validity {
		return submitFields{}, false
	}
	coding := rest[1]
	length := int(rest[2+validity])
	data := rest[3+validity:]
	octets := length
	if isSeptets(coding) {
		octets = (length*7 + 7) / 8
	}
	if octets > 140 || len(data) != octets {
		return submitFields{}, false
	}
	if hasHeader := raw[0]&0x40 != 0; hasHeader && (len(data) == 0 || int(data[0])+1 > len(data)) {
		return submitFields{}, false
	}
	return f, true
}

// isSeptets tells whether a coding scheme counts user data in septets (3GPP TS 23.038, 4).
func isSeptets(coding byte) bool {
	switch {
	case coding>>6 == 0, coding>>6 == 1:
		return coding&0x0c != 0x04 && coding&0x0c != 0x08
	case coding>>4 == 0xf:
		return coding&0x04 == 0
	case coding>>4 == 0xe:
		return false
	}
	return true
}
