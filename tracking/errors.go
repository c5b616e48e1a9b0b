package tracking

import "errors"

var (
	// ErrNotFound says that there is no such device, vehicle, zone or position.
	ErrNotFound = errors.New("not found")
	// ErrExists says that the name, the phone number or the IMEI is taken.
	ErrExists = errors.New("already exists")
	// ErrUnauthenticated says that a device's name or password is wrong, or that it
	// is disabled. It doesn't say which, on purpose.
	ErrUnauthenticated = errors.New("unknown device or wrong password")
	// ErrUnavailable says that the store can't be reached now: try again.
	ErrUnavailable = errors.New("the store is not available; try again")
	// ErrUnstorable says that the store refuses a value that passed [Validate].
	ErrUnstorable = errors.New("the store refuses a value")
	// ErrTooMuch says that a question can't be answered in the time that one may take:
	// ask for less.
	ErrTooMuch = errors.New("the question is too large; ask about a shorter time or a smaller place")
	// ErrClosed says that the subscription or its hub is closed.
	ErrClosed = errors.New("closed")
)

// IsRetryable says whether the same call may succeed later without a change.
func IsRetryable(err error) bool { return errors.Is(err, ErrUnavailable) }
