// Package modem keeps a GSM modem alive and takes in the texts that it receives.
//
// A modem is opened, initialised, and swept: every memory is read, each whole text is handed to a Handler, and deleted
// from the SIM when the Handler says that it is committed. What the modem indicates is only a hint to look at once;
// the periodic sweep finds what nothing announced. When the modem hangs or is unplugged it is opened anew.
package modem
