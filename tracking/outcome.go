package tracking

import "fmt"

// Outcome is what became of one [Report]. Every outcome but Retry is final and is
// durable by the time the caller sees it: the source may be acknowledged.
type Outcome struct {
	Kind OutcomeKind
	// Reason says why, for Rejected and Conflict.
	Reason Reason
	// Detail is for a person to read: what was wrong and with which value.
	Detail string
}

// OutcomeKind tells apart what can become of a report.
type OutcomeKind uint8

const (
	// Retry means that nothing was decided (the zero value says so on purpose):
	// the source must not be acknowledged and should send again.
	Retry OutcomeKind = iota
	// Stored means that the fix is committed.
	Stored
	// Duplicate means that the same fix was already stored.
	Duplicate
	// Conflict means that a different fix is stored under the same device and
	// time. The caller keeps the report, visibly, before it acknowledges.
	Conflict
	// Rejected means that the fix can't be stored, whenever it is sent. The caller
	// keeps the report, visibly, before it acknowledges.
	Rejected
)

// String returns the kind as logs and metrics spell it.
func (k OutcomeKind) String() string {
	switch k {
	case Retry:
		return "retry"
	case Stored:
		return "stored"
	case Duplicate:
		return "duplicate"
	case Conflict:
		return "conflict"
	case Rejected:
		return "rejected"
	default:
		return fmt.Sprintf("outcome(%d)", uint8(k))
	}
}

// Reason is why a report was not stored, as a stable word that programs may
// compare.
type Reason string

const (
	// ReasonUnknownDevice means that no device has this uid.
	ReasonUnknownDevice Reason = "unknown_device"
	// ReasonPosition means that the position is not on earth: not a number, or a
	// latitude beyond 90 or a longitude beyond 180 degrees.
	ReasonPosition Reason = "position_out_of_range"
	// ReasonFuture means that the fix is from more than [FutureTolerance] ahead of
	// the gateway's clock.
	ReasonFuture Reason = "time_in_future"
	// ReasonPast means that the fix is older than positions are kept.
	ReasonPast Reason = "time_before_retention"
	// ReasonValue means that speed, course, altitude, accuracy or an attribute
	// can't be stored.
	ReasonValue Reason = "value_out_of_range"
	// ReasonConflict means that a different fix of the same time is stored.
	ReasonConflict Reason = "conflicting_fix"
)
