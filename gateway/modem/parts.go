package modem

import (
	"context"
	"time"

	"waybill/gateway/modem/sms"
)

// Part is one part of a long text, as it came.
type Part struct {
	Modem    string    // That read it.
	SIM      string    // The IMSI of the SIM that received it.
	From     string    // The sender as the network gave it.
	SentTime time.Time // The service centre's time stamp, UTC; zero when it made no sense.
	Concat   sms.Concat
	PDU      string // Hexadecimal.
}

// Parts keeps parts of long texts until all are there. An [Assembler] does.
type Parts interface {
	// KeepParts returns nil when the parts are durable: they are then deleted from the SIM. A part that is kept already
	// is absorbed, also after its text was handed over.
	KeepParts(ctx context.Context, parts []Part) error
}

// LongText is what there is of a text that came in parts.
type LongText struct {
	Modem     string // That read a part of it last.
	SIM       string
	From      string
	Total     int       // How many parts the whole has.
	Parts     []Part    // Those that are there, by number.
	FirstTime time.Time // When the first of them was kept.
	Tries     int       // How often it could not be handed over for a reason other than a store that is away.
}

// LongTexts is where parts are kept, durably and for all processes that read modems. Its methods return
// [waybill/tracking.ErrUnavailable] when the store is away.
type LongTexts interface {
	Parts

	// TakeWhole gives one whole text that nobody else has in hand, and that was not tried since the time, to take. When
	// take returns nil the text is done with; its parts stay for a while, so that those read again are known. It tells
	// whether there was a text. Its error is that of take, or its own.
	TakeWhole(ctx context.Context, since time.Time, take func(context.Context, LongText) error) (bool, error)
	// TakeIncomplete does the same with a text whose first part came before the time and that still is not whole. It is
	// given up then, but becomes whole all the same if what is missing comes late.
	TakeIncomplete(ctx context.Context, before, since time.Time, take func(context.Context, LongText) error) (bool, error)
	// ForgetParts drops the parts of texts that are done with or given up, of which none was seen since the time.
	ForgetParts(ctx context.Context, before time.Time) error
}
