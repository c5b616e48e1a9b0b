// Package at speaks the AT language with a modem (3GPP TS 27.007, 27.005; ITU-T V.250) over any stream.
//
// It knows the wire and nothing of meaning: one command at a time, which lines answer it, how it ended, and what the
// modem said unasked. A command says which lines are its answer; whatever else arrives while it runs is unsolicited or
// noise, never part of the answer. After a command that got no end, the next one first makes sure by a probe that the
// modem's late answer is through, so that it is never taken for another's.
package at
