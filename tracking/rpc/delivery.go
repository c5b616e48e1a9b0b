package rpc

import (
	"fmt"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// delivery is what one call of Deliver sends to one process.
type delivery struct {
	requests []*trackingv1.IngestFixesRequest
	indices  []int // of the requests, in outcomes
	// outcomes are written by the stream until done is closed, and are the caller's
	// from then on.
	outcomes []tracking.Outcome
	done     chan struct{}
	left     int    // guarded by the stream's mu
	finished func() // called once, before done is closed
}

// add puts a report in, which belongs at the index of the outcomes.
func (d *delivery) add(request *trackingv1.IngestFixesRequest, index int) {
	d.requests, d.indices = append(d.requests, request), append(d.indices, index)
}

// settle notes that n reports more are answered, or never will be.
func (d *delivery) settle(n int) {
	d.left -= n
	if d.left == 0 && n > 0 {
		d.finished()
		close(d.done)
	}
}

// requestOf refuses here what the other side would refuse: what can't even be sent
// (a text that is not UTF-8) would break the stream for all.
func requestOf(report tracking.Report) (*trackingv1.IngestFixesRequest, *tracking.Outcome) {
	if tracking.CheckUID("device", report.Device) != nil {
		return nil, rejected(tracking.ReasonUnknownDevice, fmt.Sprintf("no device is named %q", report.Device))
	}
	if _, refused := tracking.Validate(report, 0); refused != nil {
		return nil, refused
	}
	fix, err := reportToWire(report)
	if err != nil {
		return nil, rejected(tracking.ReasonValue, err.Error())
	}
	return &trackingv1.IngestFixesRequest{Device: resourceName(devices, report.Device), Fix: fix}, nil
}
