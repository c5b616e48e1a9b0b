// Package emulator is a GSM modem on a pseudo-terminal, for the demo, for tests, and for whoever writes a client and has
// no modem at hand. Programs open its terminal as they would a serial port.
//
// It is made to be truthful before convenient: SM and ME are apart and have capacities, a message that finds its memory
// full stays in the network, indications come only when CNMI asked for them, slots answer as 3GPP TS 27.005 says, and
// gammu, gammu-smsd and smstools read, delete and send through it.
package emulator
