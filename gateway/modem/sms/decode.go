package sms

import (
	"fmt"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/charset"
)

// segment is a part with the decoder's form of it, which joining needs: a character may be cut in two between parts.
type segment struct {
	Part
	tpdu *tpdu.TPDU
}

// Decode reads one PDU as a modem lists it. It returns ErrNotReceived for status reports and messages to be sent, and
// ErrPDU for what is broken.
func Decode(pdu string) (Part, error) {
	seg, err := decode(pdu)
	if err != nil {
		return Part{}, err
	}
	text, data, err := join([]segment{seg})
	if err != nil && seg.Concat.Total == 1 {
		return Part{}, err
	}
	seg.Text, seg.Data = text, data
	return seg.Part, nil
}

func decode(pdu string) (segment, error) {
	charset.Prepare()
	p, err := pdumode.UnmarshalHexString(pdu)
	if err != nil {
		return segment{}, fmt.Errorf("%w: %w", ErrPDU, err)
	}
	if len(p.TPDU) == 0 {
		return segment{}, fmt.Errorf("%w: no TPDU in it", ErrPDU)
	}
	if mti := tpdu.FirstOctet(p.TPDU[0]).MTI(); mti != tpdu.MtDeliver {
		return segment{}, fmt.Errorf("%w: its type is %s", ErrNotReceived, mti)
	}
	t, err := sms.Unmarshal(p.TPDU)
	if err != nil {
		return segment{}, fmt.Errorf("%w: %w", ErrPDU, err)
	}
	alphabet, err := t.Alphabet()
	if err != nil {
		return segment{}, fmt.Errorf("%w: coding scheme %v: %w", ErrPDU, t.DCS, err)
	}
	seg := segment{tpdu: t, Part: Part{
		From: t.OA.Number(), SentTime: t.SCTS.UTC(), Encoding: encoding(alphabet), Concat: Concat{Total: 1, Number: 1},
	}}
	// A header that can't be (part 3 of 2, part 0) is ignored, as phones do: better a torn text than none.
	if total, number, reference, ok := t.ConcatInfo(); ok && total > 1 && number >= 1 && number <= total {
		seg.Concat = Concat{Reference: reference, Total: total, Number: number}
	}
	if seg.SentTime.Year() < 1970 || seg.SentTime.Year() > 2069 {
		seg.SentTime = time.Time{}
	}
	return seg, nil
}

func encoding(a tpdu.Alphabet) Encoding {
	switch a {
	case tpdu.Alpha8Bit:
		return Binary
	case tpdu.AlphaUCS2:
		return UCS2
	case tpdu.Alpha7Bit, tpdu.AlphaReserved:
	}
	return GSM7 // Reserved codings are to be read as the default alphabet (3GPP TS 23.038, 4).
}

// join gives the content of segments in order.
func join(segs []segment) (text string, data []byte, err error) {
	all := make([]*tpdu.TPDU, len(segs))
	for i, s := range segs {
		all[i] = s.tpdu
	}
	content, err := sms.Decode(all)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrPDU, err)
	}
	if segs[0].Encoding == Binary {
		return "", content, nil
	}
	return string(content), nil, nil
}
