// Package codec names what a message of a unit can be, and holds the list of formats that are tried on it.
//
// Each format is a small package below this one. A decoder of a text takes the message and the zone in which the unit
// tells the time when it names none, and gives the fixes in it, or one of three answers: ErrNotMine (another format),
// ErrNoFix (this format, and no position in it; [*Unlocated] when it raises an alarm all the same), *Error (this format,
// and broken). What a unit says besides its position are attributes of the fix, in the words of docs/FORMATS.md.
package codec
