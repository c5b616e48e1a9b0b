package crm

import (
	"errors"
	"strings"
)

var (
	// ErrNotFound says that there is no such thing, or none that the caller may see:
	// on purpose it doesn't say which.
	ErrNotFound = errors.New("not found")
	// ErrExists says that the name is taken.
	ErrExists = errors.New("already exists")
	// ErrInvalid says that what was asked for can't be done; an [InvalidError] says
	// which fields are wrong and what to do.
	ErrInvalid = errors.New("invalid")
)

// NotFoundError is [ErrNotFound] of a resource.
type NotFoundError struct {
	// Resource is the resource's name.
	Resource string
}

// NotFound makes an error that is [ErrNotFound].
func NotFound(resource string) error { return &NotFoundError{Resource: resource} }

// Error says what was not found.
func (e *NotFoundError) Error() string { return e.Resource + " was not found" }

// Is makes it an [ErrNotFound].
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// ExistsError is [ErrExists] of a resource.
type ExistsError struct {
	// Resource is the resource's name.
	Resource string
}

// Exists makes an error that is [ErrExists].
func Exists(resource string) error { return &ExistsError{Resource: resource} }

// Error says what exists and what to do.
func (e *ExistsError) Error() string {
	return e.Resource + " exists already; choose another id, or leave it empty to have one made up"
}

// Is makes it an [ErrExists].
func (e *ExistsError) Is(target error) bool { return target == ErrExists }

// Violation is one field that is wrong.
type Violation struct {
	// Field is the path of the field: `order.customer`.
	Field string
	// Description says what is wrong and what to do.
	Description string
}

// InvalidError is [ErrInvalid] with the fields that are wrong.
type InvalidError struct {
	Violations []Violation
}

// Invalid makes an error that is [ErrInvalid] for one field.
func Invalid(field, description string) error {
	return &InvalidError{Violations: []Violation{{Field: field, Description: description}}}
}

// Error names the fields and what to do.
func (e *InvalidError) Error() string {
	words := make([]string, 0, len(e.Violations))
	for _, v := range e.Violations {
		words = append(words, v.Field+": "+v.Description)
	}
	return strings.Join(words, "; ")
}

// Is makes it an [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Checks gathers what is wrong with the fields of a request, to say it all at once.
type Checks struct {
	violations []Violation
}

// That notes the field as wrong unless ok.
func (c *Checks) That(ok bool, field, description string) {
	if !ok {
		c.violations = append(c.violations, Violation{Field: field, Description: description})
	}
}

// Merge notes what an [InvalidError] says, and returns any other error.
func (c *Checks) Merge(err error) error {
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		c.violations = append(c.violations, invalid.Violations...)
		return nil
	}
	return err
}

// Err is nil when all was well, else an [InvalidError].
func (c *Checks) Err() error {
	if len(c.violations) == 0 {
		return nil
	}
	return &InvalidError{Violations: c.violations}
}
