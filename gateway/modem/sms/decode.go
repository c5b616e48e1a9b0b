package sms

import (
	"encoding/hex"
	"fmt"
)

// The message types of a stored TPDU that are no delivery (3GPP TS 23.040, 9.2.3.1). 0 is a delivery, and 3 is reserved
// and to be read as one.
const (
	typeSubmit       = 1
	typeStatusReport = 2
)

// segment is a part with what joining needs: a character may be cut in two between parts.
type segment struct {
	Part
	units    []byte // One septet a byte for GSM7, octets for the others.
	language language
}

// Decode reads one PDU as a modem lists it. It returns ErrNotReceived for status reports and messages to be sent, and
// ErrPDU for what is broken.
func Decode(pdu string) (Part, error) {
	seg, err := decode(pdu)
	if err != nil {
		return Part{}, err
	}
	seg.Text, seg.Data = content([]segment{seg})
	return seg.Part, nil
}

// decode takes an SMS-DELIVER apart (3GPP TS 23.040, 9.2.2.1). It is lenient where the meaning is plain: a time stamp
// that is none, fill behind the user data, a header that breaks off.
func decode(pdu string) (segment, error) {
	b, err := hex.DecodeString(pdu)
	if err != nil {
		return segment{}, fmt.Errorf("%w: %w", ErrPDU, err)
	}
	in := octets(b)
	in.take(int(in.next())) // The service centre.
	first := in.next()
	switch kind := first & 0x03; {
	case in == nil:
		return segment{}, fmt.Errorf("%w: no TPDU in it", ErrPDU)
	case kind == typeStatusReport:
		return segment{}, fmt.Errorf("%w: it is a status report", ErrNotReceived)
	case kind == typeSubmit:
		return segment{}, fmt.Errorf("%w: it is a message to be sent", ErrNotReceived)
	}
	digits, number := in.next(), in.next()
	sender := in.take((int(digits) + 1) / 2)
	in.next() // The protocol identifier says nothing about how to read it.
	scheme := in.next()
	stamp := in.take(7)
	length := int(in.next())
	if in == nil {
		return segment{}, fmt.Errorf("%w: it ends within its header", ErrPDU)
	}
	how, err := codingOf(scheme)
	if err != nil {
		return segment{}, err
	}
	seg := segment{Part: Part{
		From: address(number, int(digits), sender), SentTime: timestamp(stamp), Encoding: how.encoding, Concat: Concat{Total: 1, Number: 1},
	}}
	return seg, seg.userData(in, length, how, first&0x40 != 0)
}

// octets are what is left to read; nil once more was asked for than there was.
type octets []byte

func (o *octets) next() byte {
	if one := o.take(1); one != nil {
		return one[0]
	}
	return 0
}

func (o *octets) take(n int) []byte {
	if *o == nil || len(*o) < n {
		*o = nil
		return nil
	}
	taken := (*o)[:n:n]
	*o = (*o)[n:]
	return taken
}
