package modem

import (
	"context"
	"slices"
	"strings"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// Report is a delivery report as it came.
type Report struct {
	Modem string // The modem's name in the settings.
	SIM   string // The IMSI of the SIM that sent what it is about.
	PDU   string // In hexadecimal.
}

// ReportHandler takes the reports about what was sent.
type ReportHandler interface {
	// HandleReport returns nil when the report is committed, or is none that can be used: it is then deleted. With any
	// error it comes again after a while; the same report can come again after it was committed.
	HandleReport(ctx context.Context, report Report) error
}

// mostHeard is how many reports that are stored nowhere wait for a handler that refuses them.
const mostHeard = 256

// reports are what came about what was sent.
type reports struct {
	line   chan string // PDUs that were shown on the line; from the listener to Run's goroutine.
	stored bool        // Owned by Run's goroutine: the modem has a memory for them.
	heard  []string    // Owned by Run's goroutine: those from the line that are not committed.
}

func newReports() reports { return reports{line: make(chan string, mostHeard)} }

// hear takes in a report that is shown on the line. Beyond the bound they are dropped: their texts then wait until their
// time is over.
func (r *reports) hear(u at.Unsolicited) {
	if !strings.HasPrefix(u.Text, "+CDS:") || u.PDU == "" {
		return
	}
	select {
	case r.line <- u.PDU:
	default:
	}
}

// waiting gives the reports from the line that are not committed.
func (r *reports) waiting() []string {
	for len(r.heard) < mostHeard {
		select {
		case pdu := <-r.line:
			r.heard = append(r.heard, pdu)
			continue
		default:
		}
		break
	}
	return r.heard
}

// takeReports hands over the reports that were heard, those in their memory, and those among what is no received message
// in the others, and deletes each that is committed. It tells how many are left for later; its error is the modem's.
func (s *session) takeReports(ctx context.Context, sorted *sms.Sorted) (left int, err error) {
	for len(s.reports.waiting()) > 0 {
		if !s.tell(ctx, s.reports.heard[0]) {
			left = len(s.reports.heard)
			break
		}
		s.reports.heard = s.reports.heard[1:]
	}
	var there []sms.Stored
	if s.reports.stored {
		if there, err = s.store.List(ctx, sms.Reports); err != nil && !at.IsRefusal(err) {
			return left, err
		}
	}
	sorted.Broken = slices.DeleteFunc(sorted.Broken, func(b sms.Undecodable) bool {
		_, err := sms.DecodeReport(b.Stored.PDU)
		if err == nil {
			there = append(there, b.Stored)
		}
		return err == nil
	})
	for i, stored := range there {
		if left > 0 || !s.tell(ctx, stored.PDU) {
			return left + len(there) - i, ctx.Err()
		}
		if err := s.store.Delete(ctx, stored.Slot); err != nil && !at.IsRefusal(err) {
			return left, err
		}
	}
	return left, nil
}

// tell hands one report over, and tells whether it is done with.
func (s *session) tell(ctx context.Context, pdu string) bool {
	if s.cfg.Reports == nil {
		return true
	}
	err := s.cfg.Reports.HandleReport(ctx, Report{Modem: s.cfg.Name, SIM: s.imsi, PDU: pdu})
	if err != nil && ctx.Err() == nil {
		s.cfg.Logger.WarnContext(ctx, "a delivery report could not be committed and comes again", "error", err)
	}
	return err == nil
}
