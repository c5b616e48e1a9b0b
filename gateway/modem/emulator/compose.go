package emulator

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/tpdu"
)

// parameters is CSMP: what text mode puts into the messages that it makes.
func (e *Emulator) parameters(r request) answer {
	switch r.form {
	case test:
		return says()
	case read:
		p := e.state.submit
		return says(fmt.Sprintf("+CSMP: %d,%d,%d,%d", p[0], p[1], p[2], p[3]))
	case set:
		next := e.state.submit
		for i := range min(len(r.args), len(next)) {
			if r.args[i] == "" {
				continue
			}
			if next[i] = r.arg(i); next[i] < 0 || next[i] > 255 {
				return e.messageError(invalidText)
			}
		}
		if next[0]&3 != 1 || next[0]&0x18 != 0 && next[0]&0x18 != 0x10 { // A SUBMIT with a relative validity, or none.
			return e.messageError(invalidText)
		}
		e.state.submit = next
		return says()
	case execute:
	}
	return e.refused()
}

// compose makes the SMS-SUBMIT of what was typed in text mode.
func (e *Emulator) compose(to, typed string) ([]byte, error) {
	p := e.state.submit
	t, err := tpdu.NewSubmit(tpdu.WithDA(numberAddress(to)))
	if err != nil {
		return nil, err
	}
	coding := tpdu.DCS(p[3]) //nolint:gosec // Checked by CSMP.
	data, err := e.userData(typed, coding)
	if err != nil {
		return nil, err
	}
	t.SetDCS(byte(coding))
	t.SetUD(data)
	raw, err := t.MarshalBinary()
	if err != nil {
		return nil, err
	}
	// The codec has its own mind about the first octet and the validity period: they are put in as CSMP has them.
	raw[0] = byte(p[0]) | raw[0]&0x40 //nolint:gosec // Checked by CSMP.
	behind := 2 + 2 + (len(strings.TrimPrefix(to, "+"))+1)/2
	raw[behind] = byte(p[2]) //nolint:gosec // Checked by CSMP.
	if p[0]&0x18 != 0 {
		raw = append(raw[:behind+2], append([]byte{byte(p[1])}, raw[behind+2:]...)...) //nolint:gosec // Checked by CSMP.
	}
	return raw, nil
}

// userData gives the user data of what was typed in the client's character set.
func (e *Emulator) userData(text string, coding tpdu.DCS) ([]byte, error) {
	alphabet, err := coding.Alphabet()
	if err != nil {
		return nil, err
	}
	if alphabet != tpdu.Alpha7Bit {
		return hex.DecodeString(text)
	}
	switch e.state.charset {
	case "HEX":
		return hex.DecodeString(text)
	case "UCS2":
		if text, err = fromHexUCS2(text); err != nil {
			return nil, err
		}
	case "GSM":
		return []byte(text), nil
	}
	return gsm7.Encode([]byte(text))
}

func fromHexUCS2(text string) (string, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw)%2 != 0 {
		return "", errors.New("not UCS-2 in hexadecimal")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units)), nil
}

// numberAddress is a number on the wire: international with a +.
func numberAddress(number string) tpdu.Address {
	if strings.HasPrefix(number, "+") {
		return tpdu.NewAddress(tpdu.FromNumber(number))
	}
	a := tpdu.NewAddress()
	a.SetNumberingPlan(tpdu.NpISDN)
	a.Addr = number
	return a
}

// readdress gives an SMS-SUBMIT another receiver.
func readdress(raw []byte, to string) ([]byte, error) {
	fields, ok := cutSubmit(raw)
	if !ok {
		return nil, errSubmit
	}
	a := numberAddress(to)
	address, err := a.MarshalBinary()
	if err != nil {
		return nil, err
	}
	out := append([]byte{raw[0], raw[1]}, address...)
	return append(out, raw[2+len(fields.address):]...), nil
}
