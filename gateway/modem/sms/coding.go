package sms

import "fmt"

// coding is what a data coding scheme says about the user data (3GPP TS 23.038, 4). Message classes, flash among them,
// and waiting indications don't change how a stored message is read.
type coding struct {
	encoding Encoding
	reserved bool // A scheme that the standard does not define yet: to be read as GSM 7-bit.
}

func codingOf(scheme byte) (coding, error) {
	switch {
	case scheme&0x80 == 0 && scheme&0x20 != 0:
		return coding{}, fmt.Errorf("%w: its text is compressed (coding scheme %#02x), which nobody here can expand", ErrPDU, scheme)
	case scheme&0x80 == 0:
		return general(scheme >> 2 & 0x03), nil
	case scheme&0xf0 == 0xe0:
		return coding{encoding: UCS2}, nil
	case scheme&0xf0 == 0xf0 && scheme&0x04 != 0:
		return coding{encoding: Binary}, nil
	case scheme&0xf0 == 0xf0, scheme&0xe0 == 0xc0:
		return coding{encoding: GSM7}, nil
	}
	return coding{encoding: GSM7, reserved: true}, nil
}

// general reads the alphabet bits of the general groups.
func general(alphabet byte) coding {
	switch alphabet {
	case 1:
		return coding{encoding: Binary}
	case 2:
		return coding{encoding: UCS2}
	case 3:
		return coding{encoding: GSM7, reserved: true}
	}
	return coding{encoding: GSM7}
}
