package tracking

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

const (
	// FutureTolerance is how far ahead of the gateway's clock a fix may be.
	FutureTolerance = 5 * time.Minute
	// MaxAttributes bounds the attributes of a fix as JSON, in bytes.
	MaxAttributes = 16 << 10
	// usualAttribute is about how long one is as JSON.
	usualAttribute = 24
	// maxSource bounds Report.Source in bytes.
	maxSource = 64
	// maxSatellites is the largest number that a column of smallint holds.
	maxSatellites = math.MaxInt16
)

// Epoch is the GPS epoch: no receiver can have computed a fix before it.
func Epoch() time.Time { return time.Date(1980, time.January, 6, 0, 0, 0, 0, time.UTC) }

// Validate decides whether the report can be stored when positions are kept for
// the retention (0: for ever), and makes the [Record] of it, without a DeviceID.
// An outcome that is not nil says why it can't. Validate is pure: what is in the
// future is measured against the report's own time of reception.
func Validate(report Report, retention time.Duration) (Record, *Outcome) {
	record := Record{DeviceUID: report.Device, Received: normalTime(report.Received), Source: report.Source, Fix: report.Fix}
	fix := &record.Fix
	fix.Time = normalTime(fix.Time)
	if rejected := checkPosition(fix); rejected != nil {
		return Record{}, rejected
	}
	if rejected := checkTime(fix.Time, record.Received, retention); rejected != nil {
		return Record{}, rejected
	}
	if rejected := checkValues(fix); rejected != nil {
		return Record{}, rejected
	}
	if len(record.Source) > maxSource || !storableText(record.Source) {
		return Record{}, reject(ReasonValue, "the source %q is not a short text", record.Source)
	}
	var rejected *Outcome
	record.Attributes, rejected = encodeAttributes(fix.Attributes)
	if rejected != nil {
		return Record{}, rejected
	}
	return record, nil
}

func reject(reason Reason, format string, args ...any) *Outcome {
	return &Outcome{Kind: Rejected, Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func normalTime(t time.Time) time.Time { return t.UTC().Truncate(Resolution) }

func checkPosition(fix *Fix) *Outcome {
	lon, lat := fix.Position[0], fix.Position[1]
	// Written so that NaN fails as well.
	if !(math.Abs(lat) <= 90) {
		return reject(ReasonPosition, "the latitude is %v; it must be from -90 to 90 degrees", lat)
	}
	if !(math.Abs(lon) <= 180) {
		return reject(ReasonPosition, "the longitude is %v; it must be from -180 to 180 degrees", lon)
	}
	fix.Position[0], fix.Position[1] = positiveZero(lon), positiveZero(lat)
	return nil
}

// positiveZero turns -0 into 0: they are one place, but not the same bytes.
func positiveZero(v float64) float64 { return v + 0 }

func checkTime(fixTime, received time.Time, retention time.Duration) *Outcome {
	if fixTime.After(received.Add(FutureTolerance)) {
		return reject(ReasonFuture, "the fix is of %s, but it was received at %s; set the unit's clock",
			fixTime.Format(time.RFC3339), received.Format(time.RFC3339))
	}
	oldest := Epoch()
	if kept := received.Add(-retention); retention > 0 && kept.After(oldest) {
		oldest = kept
	}
	if fixTime.Before(oldest) {
		return reject(ReasonPast, "the fix is of %s; positions are kept from %s on",
			fixTime.Format(time.RFC3339), oldest.Format(time.RFC3339))
	}
	return nil
}

// checkValues brings values to the precision of storage, float32.
func checkValues(fix *Fix) *Outcome {
	for _, value := range []struct {
		name     string
		value    *float64
		min, max float64
	}{
		{"altitude", &fix.Altitude, -20_000, 1e8}, // metres: from the deepest trench to beyond the satellites
		{"speed", &fix.Speed, 0, 1e5},             // metres a second
		{"course", &fix.Course, 0, 360},           // degrees
		{"accuracy", &fix.Accuracy, 0, 1e8},       // metres
	} {
		v := *value.value
		if math.IsNaN(v) {
			continue
		}
		if v < value.min || v > value.max {
			return reject(ReasonValue, "the %s is %v; it must be from %v to %v", value.name, v, value.min, value.max)
		}
		*value.value = positiveZero(float64(float32(v)))
	}
	if fix.Course == 360 {
		fix.Course = 0
	}
	if fix.Satellites > maxSatellites {
		return reject(ReasonValue, "%d satellites are more than there are", fix.Satellites)
	}
	fix.Satellites = max(fix.Satellites, -1)
	return nil
}

func encodeAttributes(attributes map[string]any) ([]byte, *Outcome) {
	if len(attributes) == 0 {
		return nil, nil
	}
	text, ok := appendFlat(make([]byte, 0, len(attributes)*usualAttribute), attributes)
	if !ok {
		if !storable(attributes) {
			return nil, reject(ReasonValue, "an attribute contains the character U+0000, which can't be stored")
		}
		var err error
		if text, err = json.Marshal(attributes); err != nil {
			return nil, reject(ReasonValue, "the attributes can't be written as JSON: %v", err)
		}
	}
	if len(text) > MaxAttributes {
		return nil, reject(ReasonValue, "the attributes take %d bytes; %d are allowed", len(text), MaxAttributes)
	}
	return text, nil
}

// storable looks for U+0000 in texts: PostgreSQL has no way to keep it.
func storable(value any) bool {
	switch value := value.(type) {
	case string:
		return storableText(value)
	case map[string]any:
		for name, member := range value {
			if !storableText(name) || !storable(member) {
				return false
			}
		}
	case []any:
		for _, member := range value {
			if !storable(member) {
				return false
			}
		}
	}
	return true
}

func storableText(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return false
		}
	}
	return utf8.ValidString(s)
}
