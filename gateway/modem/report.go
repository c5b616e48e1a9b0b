package modem

import (
	"context"
	"strings"

	"waybill/gateway/modem/at"
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
	line   chan string // PDUs that were shown on the line; from the listener to the reader.
	stored bool        // The modem has a memory for them.
	heard  []string    // Owned by the reader: those from the line that are not committed.
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

// heardReports queues the reports that were shown on the line and lie nowhere else.
func (r *reader) heardReports() {
	for _, pdu := range r.reports.waiting() {
		r.add(&job{chain: "reports", report: pdu})
	}
	r.reports.heard = nil
}

// keepHeard puts those back that are not committed, for the reader that comes after this one.
func (r *reader) keepHeard() {
	for _, j := range r.work.open {
		if j.report != "" && len(j.slots) == 0 {
			r.reports.heard = append(r.reports.heard, j.report)
		}
	}
}

// tell hands a report over. Without a handler it is done with.
func (c *committer) tell(ctx context.Context, pdu string) error {
	if c.cfg.Reports == nil {
		return nil
	}
	return c.cfg.Reports.HandleReport(ctx, Report{Modem: c.cfg.Name, SIM: c.sim, PDU: pdu})
}
