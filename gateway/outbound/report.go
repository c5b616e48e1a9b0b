package outbound

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"waybill/gateway/modem"
	"waybill/gateway/modem/sms"
)

// Report is what the network says about a part.
type Report struct {
	sms.Report
	SIM      string
	Received time.Time
}

// Use is what was done with a report.
type Use string

// The uses.
const (
	Used     Use = "used"
	Repeated Use = "repeated"
	Early    Use = "early" // It is kept until the reference of its part is known.
	Nobodys  Use = "nobodys"
)

// ReportStore notes reports. It returns [tracking.ErrUnavailable] when it is away.
type ReportStore interface {
	// Note finds the part that a report is about, by SIM, reference, recipient and time, and notes it there.
	Note(ctx context.Context, report Report) (Use, error)
}

// Reports takes in what the modems are told about what they sent: it is a [modem.ReportHandler].
type Reports struct {
	Store ReportStore
	// Region is the country whose numbers the network writes without a prefix.
	Region  string
	Log     *slog.Logger
	Metrics *Metrics
}

// HandleReport notes a report. Without an error it may be deleted from the SIM.
func (r *Reports) HandleReport(ctx context.Context, report modem.Report) error {
	decoded, err := sms.DecodeReport(report.PDU)
	if err != nil {
		r.count(report.Modem, "broken")
		r.Log.InfoContext(ctx, "a delivery report can't be read", "modem", report.Modem, "pdu", report.PDU, "error", err)
		return nil
	}
	if to, err := Number(decoded.Recipient, r.Region); err == nil {
		decoded.Recipient = to
	}
	use, err := r.Store.Note(ctx, Report{Report: decoded, SIM: report.SIM, Received: time.Now()})
	if err != nil {
		return fmt.Errorf("note a delivery report: %w", err)
	}
	r.count(report.Modem, string(use))
	if use == Nobodys {
		r.Log.InfoContext(ctx, "a delivery report is about nothing that was sent here", "modem", report.Modem, "to", decoded.Recipient)
	}
	return nil
}

func (r *Reports) count(modem, result string) { r.Metrics.reports.WithLabelValues(modem, result).Inc() }
