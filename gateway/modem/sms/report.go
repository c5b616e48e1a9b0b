package sms

import (
	"errors"
	"fmt"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
)

// ErrNotReport says that a PDU is no status report.
var ErrNotReport = errors.New("not a status report")

// Report is what the network says about a part that was sent (SMS-STATUS-REPORT, 3GPP TS 23.040, 9.2.2.3).
type Report struct {
	Reference  int       // As the network gave it when it took the part.
	Recipient  string    // With "+" where the network says that it is international.
	SentTime   time.Time // When the service centre took the part, UTC; zero when it made no sense.
	ReportTime time.Time // When it was delivered or last tried, UTC; zero when it made no sense.
	Status     ReportStatus
}

// DecodeReport reads the PDU of a status report as a modem lists it, or shows it after +CDS. It returns ErrNotReport for
// other messages, and ErrPDU for what is broken.
func DecodeReport(pdu string) (Report, error) {
	p, err := pdumode.UnmarshalHexString(pdu)
	if err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrPDU, err)
	}
	if len(p.TPDU) == 0 {
		return Report{}, fmt.Errorf("%w: no TPDU in it", ErrPDU)
	}
	// To the modem, 2 is a status report; from it, it would be a command.
	if mti := tpdu.FirstOctet(p.TPDU[0]).MTI(); mti != tpdu.MtCommand {
		return Report{}, fmt.Errorf("%w: its type is %s", ErrNotReport, mti)
	}
	t, err := sms.Unmarshal(p.TPDU)
	if err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrPDU, err)
	}
	return Report{
		Reference: int(t.MR), Recipient: t.RA.Number(), SentTime: sensible(t.SCTS), ReportTime: sensible(t.DT), Status: ReportStatus(t.ST),
	}, nil
}

func sensible(ts tpdu.Timestamp) time.Time {
	t := ts.UTC()
	if t.Year() < 1970 || t.Year() > 2069 {
		return time.Time{}
	}
	return t
}

// ReportStatus is TP-ST (3GPP TS 23.040, 9.2.3.15).
type ReportStatus byte

// Fate is what a status means for the part.
type Fate int

// The fates.
const (
	Arrived Fate = iota // The receiver has it.
	Pending             // Not yet; the network goes on trying.
	Lost                // The network has given up.
)

// Fate tells what the status means. Reserved values count as refused, as the standard says.
func (s ReportStatus) Fate() Fate {
	switch {
	case s < 0x20:
		return Arrived
	case s < 0x40:
		return Pending
	}
	return Lost
}

// String says for a person why a part has not arrived.
func (s ReportStatus) String() string {
	switch s {
	case 0x00:
		return "delivered"
	case 0x01:
		return "passed on; the network can't say whether it arrived"
	case 0x02:
		return "replaced by the network"
	case 0x20, 0x40, 0x60:
		return "the network is congested"
	case 0x21, 0x61:
		return "the phone is busy"
	case 0x22, 0x62:
		return "the phone does not answer: it may be off, or without coverage"
	case 0x23, 0x43, 0x63:
		return "the network refused it: the number may not take texts, or the contract doesn't allow it"
	case 0x24, 0x44, 0x64:
		return "the quality of service that it asks for is not to be had"
	case 0x25, 0x65:
		return "there is an error in the phone"
	case 0x41:
		return "the receiver's phone or network can't take it"
	case 0x42:
		return "the network has no way to the number: it may not exist"
	case 0x45:
		return "no interworking with the receiver's network"
	case 0x46:
		return "its time was over before the phone was reached: it was off, or without coverage"
	case 0x47:
		return "the sender deleted it"
	case 0x48:
		return "the network's administrator deleted it"
	case 0x49:
		return "the network doesn't know the message any more"
	}
	switch s.Fate() {
	case Arrived:
		return "delivered"
	case Pending:
		return "not delivered yet; the network tries again"
	case Lost:
	}
	return "not delivered"
}
