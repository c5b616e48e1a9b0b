package pattern

import (
	"errors"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Bounds, in bytes and numbers.
const (
	// MaxExpression is the longest expression.
	MaxExpression = 1000
	// MaxExample is the longest example.
	MaxExample = 2000
	// MaxText is how much of a text patterns look at.
	MaxText = 2000
	// MaxPatterns is how many there may be.
	MaxPatterns = 200
	// maxInstructions bounds the compiled expression: matching takes at most so many steps a byte.
	maxInstructions = 3000
	// maxGroups bounds the named groups.
	maxGroups = 40
	// maxUID keeps the format's name within what a fix's source may have.
	maxUID = 40
	// maxValue is the longest text that becomes an attribute.
	maxValue = 200
)

// Prefix begins the names of taught formats, in the sources of fixes and of rejected input.
const Prefix = "taught/"

// ErrTooMany says that there are [MaxPatterns] already.
var ErrTooMany = errors.New("there are as many patterns as there may be; delete one that is not needed")

// Pattern is a format of texts as an operator taught it.
type Pattern struct {
	// UID is its public id, at most 40 characters of those of [tracking.CheckUID].
	UID string
	// DisplayName is what people call the units that send it.
	DisplayName string
	// Expression is an RE2 expression with named groups.
	Expression string
	// TimeLayout is how the group time is written: "yyyy-MM-dd HH:mm:ss".
	TimeLayout string
	// SpeedUnit is that of the group speed; km/h when empty.
	SpeedUnit SpeedUnit
	// UseSentTime says that a text without a time speaks of when it was sent. Without it such a text is refused, because
	// many units send where they were last.
	UseSentTime bool
	// Alarm is the word for what every such text warns of, or empty.
	Alarm string
	// Example is a text that the pattern reads.
	Example string
	// Creator is who taught it.
	Creator    string
	CreateTime time.Time
}

// Format is its name as a format of texts.
func (p *Pattern) Format() string { return Prefix + p.UID }

// SpeedUnit is a unit of speed, by its word in storage.
type SpeedUnit string

// The units.
const (
	KilometresPerHour SpeedUnit = "km/h"
	MetresPerSecond   SpeedUnit = "m/s"
	Knots             SpeedUnit = "kn"
	MilesPerHour      SpeedUnit = "mph"
)

// metres gives the unit in metres a second.
func (u SpeedUnit) metres() (float64, bool) {
	switch u {
	case KilometresPerHour, "":
		return codec.KilometrePerHour, true
	case MetresPerSecond:
		return 1, true
	case Knots:
		return codec.Knot, true
	case MilesPerHour:
		return 1609.344 / 3600, true
	}
	return 0, false
}

// wrong says which field of a pattern can't be used, and what to do.
func wrong(field, advice string) error {
	return &tracking.FieldError{Field: field, Advice: advice, Err: tracking.ErrInvalid}
}
