package sms

import (
	"encoding/binary"
	"fmt"
)

// The information elements of the user data header that matter here (3GPP TS 23.040, 9.2.3.24).
const (
	elementConcat      = 0x00
	elementConcatWide  = 0x08
	elementSingleShift = 0x24
	elementLocking     = 0x25
)

// userData reads header and content of what the user data length says: septets for GSM7, octets for the others.
func (seg *segment) userData(data []byte, length int, how coding, header bool) error {
	size := length
	if how.encoding == GSM7 {
		size = (length*7 + 7) / 8
	}
	switch {
	case len(data) < size:
		return fmt.Errorf("%w: %d of %d octets of its user data are there", ErrPDU, len(data), size)
	case how.reserved && len(data) != size:
		return fmt.Errorf("%w: its coding is unknown and it is no GSM 7-bit text", ErrPDU)
	}
	data = data[:size]
	skip := 0
	if header && size > 0 {
		skip = 1 + int(data[0])
		if skip > size {
			return fmt.Errorf("%w: its header is longer than its user data", ErrPDU)
		}
		seg.header(data[1:skip])
	}
	if how.encoding == GSM7 {
		before := (skip*8 + 6) / 7 // The text begins on a septet's border.
		seg.units = septets(data, before, length)
	} else {
		seg.units = data[skip:]
	}
	return nil
}

// header reads the elements that it knows. One that breaks off ends it, one that can't be (part 3 of 2, part 0) is
// ignored, as phones do: better a torn text than none. Of two that contradict each other the later counts.
func (seg *segment) header(b []byte) {
	in := octets(b)
	for len(in) > 0 {
		id := in.next()
		value := in.take(int(in.next()))
		if in == nil {
			return
		}
		switch {
		case id == elementConcat && len(value) == 3:
			seg.concat(Concat{Reference: int(value[0]), Total: int(value[1]), Number: int(value[2])})
		case id == elementConcatWide && len(value) == 4:
			seg.concat(Concat{Reference: int(binary.BigEndian.Uint16(value)), Wide: true, Total: int(value[2]), Number: int(value[3])})
		case id == elementSingleShift && len(value) >= 1:
			seg.language.shift = known(value[0])
		case id == elementLocking && len(value) >= 1:
			seg.language.locking = known(value[0])
		}
	}
}

func (seg *segment) concat(c Concat) {
	if c.Total > 1 && c.Number >= 1 && c.Number <= c.Total {
		seg.Concat = c
	}
}

// septets unpacks those from one index to another (3GPP TS 23.038, 6.1.2.1).
func septets(packed []byte, from, to int) []byte {
	if to <= from {
		return nil
	}
	out := make([]byte, 0, to-from)
	for i := from; i < to; i++ {
		at, shift := i*7/8, i*7%8
		v := uint16(packed[at]) >> shift
		if shift > 1 {
			v |= uint16(packed[at+1]) << (8 - shift)
		}
		out = append(out, byte(v&0x7f))
	}
	return out
}
