package codec

import (
	"errors"

	"waybill/tracking"
)

// DecodeBinary reads the fixes in a message of bytes, an SMS of 8 bits. It returns ErrNotMine, ErrNoFix or an *Error, and
// otherwise at least one fix.
type DecodeBinary func(data []byte) ([]tracking.Fix, error)

// Binary is a format of bytes: a name for counters and rejected input, and its decoder.
type Binary struct {
	Name   string
	Decode DecodeBinary
}

// Binaries are formats in the order in which they are tried: the first that knows the message decides. Each begins with a
// byte that no text has, so that every message may be tried, whatever the coding scheme said.
type Binaries []Binary

// Decode asks each format in turn, and names the one that knew the message. Errors are those of [Texts.Decode].
func (bs Binaries) Decode(data []byte) (name string, fixes []tracking.Fix, err error) {
	for _, b := range bs {
		fixes, err := b.Decode(data)
		if errors.Is(err, ErrNotMine) {
			continue
		}
		return b.Name, fixes, err
	}
	return "", nil, ErrNotMine
}
