package tracking

import "errors"

var (
	// ErrInvalid says that a value can't be accepted, whatever else is stored.
	ErrInvalid = errors.New("invalid")
	// ErrFitted says that a fitting contradicts another one.
	ErrFitted = errors.New("another fitting is in the way")
	// ErrOwned says that a zone is the ground of a facility or site, which alone may
	// change it.
	ErrOwned = errors.New("the zone belongs to a facility or site")
)

// FieldError is an error about one value that a caller gave.
type FieldError struct {
	// Field is the path of the value, as the API spells it: "phone",
	// "area.circle.radius".
	Field string
	// Advice says what is wrong and what to do.
	Advice string
	// Err is [ErrInvalid], [ErrExists], [ErrNotFound], [ErrFitted] or [ErrOwned].
	Err error
}

// Error gives field and advice.
func (e *FieldError) Error() string { return e.Field + ": " + e.Advice }

// Unwrap gives Err.
func (e *FieldError) Unwrap() error { return e.Err }

func invalid(field, advice string) error {
	return &FieldError{Field: field, Advice: advice, Err: ErrInvalid}
}
