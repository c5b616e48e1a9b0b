package modem

import "errors"

var (
	// ErrPIN says that the SIM can't be unlocked with what the settings have.
	ErrPIN = errors.New("the SIM wants a PIN that the settings don't have: set it, or turn the PIN off with a phone; it is not tried again by itself")

	// ErrSIM says that there is no SIM that works.
	ErrSIM = errors.New("the SIM is missing or not ready: check that it sits well, and try it in a phone")

	// ErrRestarted says that the modem said that it has started anew, so that its settings are gone.
	ErrRestarted = errors.New("the modem has restarted")

	// ErrDouble says that a modem is there by two ports.
	ErrDouble = errors.New("it is another port of a modem that runs already: leave it out of the paths of modems")

	// ErrNotReady says that the modem can't send now.
	ErrNotReady = errors.New("the modem is not ready")
)

// errUnusable says that the modem refuses what it has to do.
var errUnusable = errors.New("the modem refuses to let its memories be read")
