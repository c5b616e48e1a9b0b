package sms

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/charset"
)

var (
	// ErrNumber says that something is no number that a text can be sent to.
	ErrNumber = errors.New("no phone number: give digits, with + and the country code first")

	// ErrEmpty says that a text has nothing in it.
	ErrEmpty = errors.New("the text is empty: write something")

	// ErrTooLong says that a text has more parts than one text may have.
	ErrTooLong = errors.New("the text is too long: shorten it, or send it as several")
)

// MaxParts is how many parts one text may have. The standard knows 255; each is paid, and the longer a text, the more
// often one of its parts is missing.
const MaxParts = 16

// Cost is what it takes to send a text.
type Cost struct {
	Encoding   Encoding // GSM7 if its alphabet suffices, else UCS2.
	Characters int      // In that encoding: what stands in GSM7's extension counts two, and so does an emoji in UCS2.
	Parts      int      // Messages on the air.
}

// Estimate tells what a text would cost. It fails with ErrEmpty or ErrTooLong.
func Estimate(text string) (Cost, error) {
	charset.Prepare()
	data, _, alphabet := tpdu.EncodeUserData([]byte(clean(text)))
	cost := Cost{Encoding: GSM7, Characters: len(data)}
	if alphabet == tpdu.AlphaUCS2 {
		cost.Encoding, cost.Characters = UCS2, len(data)/2
	}
	// The number and the rest of the header don't change how many parts there are.
	parts, err := Split("0", text, Terms{})
	cost.Parts = len(parts)
	return cost, err
}

// Terms are how a text is to be sent.
type Terms struct {
	Reference int           // Numbers long texts to one receiver, so that their parts don't mix; its last 8 bits count.
	Validity  time.Duration // How long the network tries to deliver, in its steps of 5 min and more; its own limit when 0.
	Report    bool          // Whether the network is asked to report the delivery of each part.
}

// Submission is one part, ready to be handed to a modem.
type Submission struct {
	Number, Total int    // Which part of how many, from 1.
	PDU           string // Hexadecimal, with an empty service centre before the TPDU: the SIM knows its own.
	Length        int    // Of the TPDU, in octets.
}

// Split encodes a text and cuts it into parts. No character is cut in two, neither an escaped one of GSM7 nor one that
// takes two units of UCS-2. The same arguments give the same parts. It fails with ErrNumber, ErrEmpty or ErrTooLong.
func Split(to, text string, terms Terms) ([]Submission, error) {
	charset.Prepare()
	address, err := destination(to)
	if err != nil {
		return nil, err
	}
	text = clean(text)
	if text == "" {
		return nil, ErrEmpty
	}
	encoder := sms.NewEncoder(sms.AsSubmit, address)
	encoder.ConcatRef = constant(terms.Reference & 0xff)
	encoded, err := encoder.Encode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("encode the text: %w", err)
	}
	if len(encoded) > MaxParts {
		return nil, fmt.Errorf("%w: it takes %d messages, and %d are the most", ErrTooLong, len(encoded), MaxParts)
	}
	parts := make([]Submission, len(encoded))
	for i := range encoded {
		p := &encoded[i]
		// Most modems put a number of their own here. For the others parts have to differ.
		p.MR = byte((terms.Reference + i) & 0xff)
		if terms.Report {
			p.FirstOctet |= tpdu.FoSRR
		}
		if terms.Validity > 0 {
			var vp tpdu.ValidityPeriod
			vp.SetRelative(atMost(terms.Validity))
			p.SetVP(vp)
		}
		raw, err := p.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("encode the text: %w", err)
		}
		parts[i] = Submission{Number: i + 1, Total: len(encoded), PDU: "00" + strings.ToUpper(hex.EncodeToString(raw)), Length: len(raw)}
	}
	return parts, nil
}

func destination(to string) (sms.EncoderOption, error) {
	digits := strings.TrimPrefix(to, "+")
	if digits == "" || len(digits) > 20 || strings.Trim(digits, "0123456789*#") != "" {
		return nil, fmt.Errorf("%q is %w", to, ErrNumber)
	}
	if strings.HasPrefix(to, "+") {
		return sms.To(to), nil
	}
	local := tpdu.NewAddress()
	local.SetNumberingPlan(tpdu.NpISDN)
	local.Addr = to
	return sms.WithTemplateOption(tpdu.WithDA(local)), nil
}

func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// atMost keeps the encoder of validity periods from making ten minutes of less (3GPP TS 23.040, 9.2.3.12.1: the first
// step is 5 min).
func atMost(d time.Duration) time.Duration {
	if d < 10*time.Minute {
		return 0
	}
	return d
}

// constant is a counter that doesn't count: who sends chooses the reference.
type constant int

// Count implements the library's counter.
func (c constant) Count() int { return int(c) }
