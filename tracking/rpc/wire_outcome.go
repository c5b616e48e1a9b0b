package rpc

import (
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func outcomeToWire(sequence uint64, o tracking.Outcome) *trackingv1.IngestFixesResponse {
	wire := &trackingv1.IngestFixesResponse{Sequence: sequence, Reason: string(o.Reason), Detail: o.Detail}
	switch o.Kind {
	case tracking.Stored:
		wire.Outcome = trackingv1.FixOutcome_FIX_OUTCOME_STORED
	case tracking.Duplicate:
		wire.Outcome = trackingv1.FixOutcome_FIX_OUTCOME_DUPLICATE
	case tracking.Conflict:
		wire.Outcome = trackingv1.FixOutcome_FIX_OUTCOME_CONFLICT
	case tracking.Rejected:
		wire.Outcome = trackingv1.FixOutcome_FIX_OUTCOME_REJECTED
	case tracking.Retry:
		wire.Outcome = trackingv1.FixOutcome_FIX_OUTCOME_RETRY
	default:
		wire.Outcome = trackingv1.FixOutcome_FIX_OUTCOME_RETRY
	}
	return wire
}

// wireOutcome is the answer to a report or an event.
type wireOutcome interface {
	GetOutcome() trackingv1.FixOutcome
	GetReason() string
	GetDetail() string
}

// outcomeFromWire takes an outcome that a newer server may say and we don't know for
// undecided.
func outcomeFromWire(wire wireOutcome) tracking.Outcome {
	o := tracking.Outcome{Reason: tracking.Reason(wire.GetReason()), Detail: wire.GetDetail()}
	switch wire.GetOutcome() {
	case trackingv1.FixOutcome_FIX_OUTCOME_STORED:
		o.Kind = tracking.Stored
	case trackingv1.FixOutcome_FIX_OUTCOME_DUPLICATE:
		o.Kind = tracking.Duplicate
	case trackingv1.FixOutcome_FIX_OUTCOME_CONFLICT:
		o.Kind = tracking.Conflict
	case trackingv1.FixOutcome_FIX_OUTCOME_REJECTED:
		o.Kind = tracking.Rejected
	case trackingv1.FixOutcome_FIX_OUTCOME_RETRY, trackingv1.FixOutcome_FIX_OUTCOME_UNSPECIFIED:
		o.Kind = tracking.Retry
	default:
		o.Kind = tracking.Retry
	}
	return o
}
