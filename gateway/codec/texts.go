package codec

import (
	"errors"
	"fmt"
	"time"

	"waybill/tracking"
)

// MaxText is the longest text that is looked at, in bytes: 255 parts of 153 characters would be 39 kB, and no unit says
// more than a handful of parts.
const MaxText = 8 << 10

// DecodeText reads the fixes in a text. The zone is the unit's own and is used where the text tells a time without
// one; nil means UTC. It returns ErrNotMine, ErrNoFix or an *Error, and otherwise at least one fix.
type DecodeText func(text string, zone *time.Location) ([]tracking.Fix, error)

// Text is a format of texts: a name for counters and rejected input, and its decoder.
type Text struct {
	Name   string
	Decode DecodeText
}

// Texts are formats in the order in which they are tried: the first that knows the message decides. The composition
// root makes the list; nothing registers itself.
type Texts []Text

// Decode asks each format in turn, and names the one that knew the text. It returns ErrNotMine when none did; the error
// of a format that did is returned as it is (ErrNoFix or an *Error), with the format's name beside it.
func (ts Texts) Decode(text string, zone *time.Location) (name string, fixes []tracking.Fix, err error) {
	if len(text) > MaxText {
		return "", nil, &Error{Reason: ReasonTooLarge, Detail: fmt.Sprintf("%d bytes, at most %d are looked at", len(text), MaxText)}
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, t := range ts {
		fixes, err := t.Decode(text, zone)
		if errors.Is(err, ErrNotMine) {
			continue
		}
		return t.Name, fixes, err
	}
	return "", nil, ErrNotMine
}
