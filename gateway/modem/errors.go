package modem

import (
	"errors"
	"fmt"
)

var (
	// ErrPIN says that the SIM can't be unlocked with what the settings have.
	ErrPIN = errors.New("the SIM wants a PIN that the settings don't have: set it with --modem-pin, or turn the PIN off with a phone; it is not tried again by itself")

	// ErrSIM says that there is no SIM that works.
	ErrSIM = errors.New("the SIM is missing or not ready: check that it sits well, and try it in a phone")

	// ErrRestarted says that the modem said that it has started anew, so that its settings are gone.
	ErrRestarted = errors.New("the modem has restarted")

	// ErrDouble says that a modem is there by two ports.
	ErrDouble = errors.New("it is another port of a modem that runs already: leave it out of the paths of modems")

	// ErrNotReady says that the modem can't send now.
	ErrNotReady = errors.New("the modem is not ready")
)

// errAnew says that the modem is to be set up anew, and that nothing is wrong with it.
var errAnew = errors.New("to be set up anew")

// errUnusable says that the modem refuses what it has to do.
var errUnusable = errors.New("the modem refuses to let its memories be read")

// ErrFails says that a text could be read and that taking it in failed each time, while others were taken in.
var ErrFails = errors.New("taking this text in fails each time")

// ErrUnreadable says that a slot holds something that the modem does not give out.
var ErrUnreadable = errors.New("the modem lists a message and does not give it out")

// IncompleteError says that parts of a long text did not come.
type IncompleteError struct {
	Total  int
	Pieces []Piece // What is there, in order.
}

// Piece is a stretch of a long text whose parts are all there.
type Piece struct {
	First, Last int    // The numbers of its parts, from 1.
	Body        string // Empty for data.
	Data        []byte // Of an 8-bit message.
}

// Error says how much is there.
func (e *IncompleteError) Error() string {
	there := 0
	for _, p := range e.Pieces {
		there += p.Last - p.First + 1
	}
	return fmt.Sprintf("%d of the %d parts of a text did not come", e.Total-there, e.Total)
}
