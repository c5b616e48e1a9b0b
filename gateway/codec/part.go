package codec

import "waybill/tracking"

// Part is one report in a message that may hold several: a fix, or why it is none. A bad one doesn't spoil its
// neighbours.
type Part struct {
	Fix tracking.Fix
	// Err is nil or an *Error.
	Err error
	// Raw is the part of the message that says this report, itself a message of the same format; nil means the whole.
	Raw []byte
}

// DecodeMessage reads the reports in a message. No parts and no error means that the message is understood and is no
// report. It returns ErrNotMine, ErrNoFix or an *Error for a message that can't be used as a whole.
type DecodeMessage func(payload []byte) ([]Part, error)

// Parts makes parts of fixes that came in one message.
func Parts(fixes []tracking.Fix) []Part {
	parts := make([]Part, len(fixes))
	for i, fix := range fixes {
		parts[i].Fix = fix
	}
	return parts
}
