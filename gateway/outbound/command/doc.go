// Package command asks things of units by SMS: position, reporting interval, restart, cutting the engine off.
//
// What a unit understands differs by family, so a command is written from a [Template] of the device's model. It becomes a
// text of the send queue that goes before all others, and the next fitting text from the device is its answer. A command
// that can do harm has to be confirmed before it is sent, and is sent once at most.
package command
