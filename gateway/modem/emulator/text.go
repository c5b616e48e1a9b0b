package emulator

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
)

// Types of number as text mode shows them (3GPP TS 24.008, 10.5.4.7).
const (
	typeUnknown       = 129
	typeInternational = 145
)

// tpdu cuts the service centre off.
func (p entry) tpdu() ([]byte, error) {
	raw, err := hex.DecodeString(p.pdu)
	if err != nil || len(raw) == 0 || int(raw[0])+1 >= len(raw) {
		return nil, errors.New("no TPDU in it")
	}
	return raw[1+int(raw[0]):], nil
}

// decoded reads a stored message for text mode; nil when it is broken.
func (p entry) decoded() (*tpdu.TPDU, string) {
	whole, err := pdumode.UnmarshalHexString(p.pdu)
	if err != nil || len(whole.TPDU) == 0 {
		return nil, ""
	}
	direction := sms.AsMT
	if p.status >= storedUnsent {
		direction = sms.AsMO
	}
	t, err := sms.Unmarshal(whole.TPDU, direction)
	if err != nil {
		return nil, ""
	}
	return t, whole.SMSC.Number()
}

// listed is a message as CMGL shows it in text mode, behind its index (3GPP TS 27.005, 3.4.2).
func (e *Emulator) listed(p entry) string {
	status := `"` + statuses()[p.status] + `"`
	t, _ := p.decoded()
	switch {
	case t == nil:
		return status + ",\"\",,\r\n"
	case t.SmsType() == tpdu.SmsStatusReport:
		return status + "," + reported(t)
	}
	number, kind := e.party(t)
	line := fmt.Sprintf("%s,%q,,%s", status, number, stamp(t))
	if e.state.headers {
		line += fmt.Sprintf(",%d,%d", kind, contentLength(t))
	}
	return line + "\r\n" + e.content(t)
}

// shown is a message as CMGR shows it in text mode.
func (e *Emulator) shown(p entry) string {
	status := `"` + statuses()[p.status] + `"`
	t, centre := p.decoded()
	switch {
	case t == nil:
		return status + ",\"\",,\r\n"
	case t.SmsType() == tpdu.SmsStatusReport:
		return status + "," + reported(t)
	}
	number, kind := e.party(t)
	line := fmt.Sprintf("%s,%q,", status, number)
	if t.SmsType() == tpdu.SmsDeliver {
		line += "," + stamp(t)
	}
	if e.state.headers {
		line += fmt.Sprintf(",%d,%d,%d,%d", kind, t.FirstOctet, t.PID, t.DCS)
		if t.SmsType() == tpdu.SmsSubmit {
			line += ","
		}
		line += fmt.Sprintf(",%q,%d,%d", centre, typeInternational, contentLength(t))
	}
	return line + "\r\n" + e.content(t)
}

// direct is a message as +CMT and +CDS show it in text mode.
func (e *Emulator) direct(p entry) string {
	t, centre := p.decoded()
	switch {
	case t == nil:
		return "\"\",,\r\n"
	case t.SmsType() == tpdu.SmsStatusReport:
		return reported(t)
	}
	number, kind := e.party(t)
	line := fmt.Sprintf("%q,,%s", number, stamp(t))
	if e.state.headers {
		line += fmt.Sprintf(",%d,%d,%d,%d,%q,%d,%d", kind, t.FirstOctet, t.PID, t.DCS, centre, typeInternational, contentLength(t))
	}
	return line + "\r\n" + e.content(t)
}

// reported is what a status report says in text mode.
func reported(t *tpdu.TPDU) string {
	number := t.RA.Number()
	return fmt.Sprintf(`%d,%d,%q,%d,%s,%s,%d`, t.FirstOctet, t.MR, number, numberType(number), quoted(t.SCTS), quoted(t.DT), t.ST)
}

func (e *Emulator) party(t *tpdu.TPDU) (number string, kind int) {
	number = t.OA.Number()
	if t.SmsType() == tpdu.SmsSubmit {
		number = t.DA.Number()
	}
	kind = numberType(number)
	if e.state.charset == "UCS2" {
		number = hexUCS2(number)
	}
	return number, kind
}

func numberType(number string) int {
	if strings.HasPrefix(number, "+") {
		return typeInternational
	}
	return typeUnknown
}

func stamp(t *tpdu.TPDU) string {
	if t.SmsType() != tpdu.SmsDeliver {
		return ""
	}
	return quoted(t.SCTS)
}

// quoted is a time as text mode shows it, with its zone in quarters of an hour.
func quoted(t tpdu.Timestamp) string {
	_, offset := t.Zone()
	return fmt.Sprintf(`"%s%+03d"`, t.Format("06/01/02,15:04:05"), offset/(15*60))
}

func contentLength(t *tpdu.TPDU) int { return len(t.UD) }

// content is the user data in the client's character set, or in hexadecimal where it is no text that the set could show
// (3GPP TS 27.005, 3.1, <data>).
func (e *Emulator) content(t *tpdu.TPDU) string {
	alphabet, err := t.Alphabet()
	if err != nil || alphabet != tpdu.Alpha7Bit || t.UDHI() {
		return strings.ToUpper(hex.EncodeToString(t.UD))
	}
	text, err := sms.Decode([]*tpdu.TPDU{t})
	if err != nil {
		return strings.ToUpper(hex.EncodeToString(t.UD))
	}
	switch e.state.charset {
	case "UCS2":
		return hexUCS2(string(text))
	case "HEX", "GSM":
		// The septets are the default alphabet's, one a byte: what GSM calls its own set.
		if e.state.charset == "HEX" {
			return strings.ToUpper(hex.EncodeToString(t.UD))
		}
		return string(t.UD)
	}
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, string(text))
}

func hexUCS2(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}
