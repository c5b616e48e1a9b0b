package sms

import (
	"errors"
	"time"
)

var (
	// ErrNotReceived says that a PDU is no message from somebody: a status report, or a message to be sent.
	ErrNotReceived = errors.New("not a received message")

	// ErrPDU says that a PDU can't be decoded.
	ErrPDU = errors.New("not a PDU")
)

// Encoding is how the user data of a message was written.
type Encoding int

// The encodings of 3GPP TS 23.038.
const (
	GSM7 Encoding = iota
	Binary
	UCS2
)

// Part is what one PDU says. A message that fits into one has only one.
type Part struct {
	From     string    // With "+" where the network says that it is international; letters where the sender is a name.
	SentTime time.Time // The service centre's time stamp, UTC; zero when it made no sense.
	Encoding Encoding
	Concat   Concat
	Text     string // For GSM7 and UCS2, of this part alone.
	Data     []byte // For Binary.
}

// Concat says which part of which message this is.
type Concat struct {
	Reference int  // Chosen by the sender; a short number, used again after 256 or 65,536 messages.
	Wide      bool // The reference has 16 bits, and not 8.
	Total     int  // 1 for a message of one part.
	Number    int  // From 1.
}

// Message is a whole message.
type Message struct {
	From     string
	SentTime time.Time // Of the first part, UTC; zero when it made no sense.
	Text     string    // Empty for data.
	Data     []byte    // Of an 8-bit message.
	Stored   Stored    // Where it lies.
}
