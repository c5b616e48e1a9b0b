package codec

import "errors"

var (
	// ErrNotMine says that the message is of another format: the next decoder may try.
	ErrNotMine = errors.New("not this format")

	// ErrNoFix says that the message was understood and holds no position of now: the unit had no reception, repeats
	// its last known place, or speaks of something else. It must not become a fix, and trying other decoders is wrong.
	ErrNoFix = errors.New("understood, but there is no fix in it")
)

// Reason is why a message of a known format can't be used, as a short word that is counted and shown.
type Reason string

// The reasons. They are stored with rejected input, so they don't change.
const (
	ReasonSyntax   Reason = "syntax"    // It starts like the format and goes on otherwise.
	ReasonChecksum Reason = "checksum"  // Its checksum does not match.
	ReasonPosition Reason = "position"  // A latitude or longitude that is not on Earth.
	ReasonTime     Reason = "time"      // A date or time that can't be.
	ReasonTooLarge Reason = "too_large" // Longer than a message of this format can be.
	ReasonNumber   Reason = "number"    // A field that should be a number is none, or out of its range.
)

// Error says that a message is of the decoder's format, and why it can't be used.
type Error struct {
	Reason Reason
	Detail string // What was found, for the dispatcher who looks at rejected input.
}

// Error gives reason and detail.
func (e *Error) Error() string {
	if e.Detail == "" {
		return "can't be decoded: " + string(e.Reason)
	}
	return "can't be decoded: " + string(e.Reason) + ": " + e.Detail
}

// Is lets errors.Is match on the reason alone, so that a test can ask for &Error{Reason: ReasonTime}.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Reason == e.Reason && (other.Detail == "" || other.Detail == e.Detail)
}
