package tracking

import (
	"context"
	"strings"
	"time"
)

// DeviceEvent is something that a device said without saying where it was: the button
// was pressed in a garage. It becomes no position, and alerts like a fix that says so.
type DeviceEvent struct {
	// Device is a uid.
	Device string
	// ID tells the event from all others of the device: the same event that comes again has
	// the same, and is recorded once. 1 to 128 characters.
	ID string
	// Kind is what happened, in lower snake case, at most 40 characters. Where it is that of
	// an alarm ([AlarmCondition]) an alert opens.
	Kind string
	// Time is when it was said, as far as that is known.
	Time time.Time
	// Received is when the gateway had it in hand. Long after Time, nobody is alerted.
	Received time.Time
	// Source says by which road it came, as that of a [Report].
	Source string
	// Text is what was said, for a person to read; at most 500 bytes.
	Text string
	// Vehicle is the uid of the one that the device was on, or empty. Storage fills it in.
	Vehicle string
}

// Bounds of a [DeviceEvent], in bytes.
const (
	maxEventID   = 128
	maxEventKind = 40
	MaxEventText = 500
)

// AlarmCondition is the condition that a unit means when it warns of this, if there is
// one that a word alone can open.
func AlarmCondition(kind string) (condition Condition, ok bool) {
	switch c := Condition(kind); c {
	case SOS, PowerCut, LowBattery, Shock, DoorOpen, Speeding:
		return c, true
	case Temperature, Tilt, Silent, Dwelling:
	}
	return "", false
}

// Check says why the event can't be recorded, whenever it is sent; nil when it can.
func (e *DeviceEvent) Check() *Outcome {
	switch {
	case e.ID == "" || len(e.ID) > maxEventID || !isPlain(e.ID):
		return reject(ReasonValue, "the event's id must be 1 to %d plain characters", maxEventID)
	case e.Kind == "" || len(e.Kind) > maxEventKind || strings.Trim(e.Kind, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return reject(ReasonValue, "the event's kind %q must be 1 to %d lower case letters, digits and underscores", e.Kind, maxEventKind)
	case len(e.Source) > maxSource || !storableText(e.Source):
		return reject(ReasonValue, "the source %q is not a short text", e.Source)
	case len(e.Text) > MaxEventText || !storableText(e.Text):
		return reject(ReasonValue, "the event's text must be at most %d bytes of UTF-8", MaxEventText)
	}
	return checkTime(normalTime(e.Time), normalTime(e.Received), 0)
}

// EventQuery asks for the events of a device, the newest first.
type EventQuery struct {
	// Device is a uid.
	Device string
	// After is the last of the page before, and nil for the first page. At most Size are
	// returned.
	After *EventKey
	Size  int
}

// EventKey tells the events of a device apart, in their order.
type EventKey struct {
	Time time.Time
	ID   string
}

// DeviceEvents records what devices say without a position.
type DeviceEvents interface {
	// RecordDeviceEvent records the event and opens its alert, in one transaction, and says
	// what became of it: Stored, Duplicate or Rejected. It fails with [ErrUnavailable]; then
	// nothing was decided, and sending it again is harmless.
	RecordDeviceEvent(ctx context.Context, event DeviceEvent) (Outcome, error)
	// DeviceEvents lists those of a device. It fails with [ErrNotFound] and
	// [ErrUnavailable].
	DeviceEvents(ctx context.Context, query EventQuery) ([]DeviceEvent, error)
}
