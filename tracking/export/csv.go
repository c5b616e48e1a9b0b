package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"waybill/tracking"
)

// csvHead names columns with their units where they have one.
const csvHead = "fix_time,longitude,latitude,altitude_m,speed_mps,course_deg,accuracy_m,satellites,attributes\n"

// CSV writes the track as comma separated values (RFC 4180, with lines ended by a
// line feed) with a header. What is unknown is empty; attributes are JSON.
func CSV(w io.Writer, fixes Fixes) error {
	return layout{head: csvHead, fix: appendRow}.write(w, fixes)
}

func appendRow(b []byte, fix *tracking.Fix, _ bool) ([]byte, error) {
	b = appendTime(b, fix.Time)
	for _, degrees := range fix.Position {
		b = append(b, ',')
		b = appendDegrees(b, degrees)
	}
	for _, value := range []float64{fix.Altitude, fix.Speed, fix.Course, fix.Accuracy} {
		b = append(b, ',')
		if known(value) {
			b = appendValue(b, value)
		}
	}
	b = append(b, ',')
	if fix.Satellites >= 0 {
		b = strconv.AppendInt(b, int64(fix.Satellites), 10)
	}
	b = append(b, ',')
	if len(fix.Attributes) > 0 {
		attributes, err := json.Marshal(fix.Attributes)
		if err != nil {
			return nil, fmt.Errorf("attributes: %w", err)
		}
		// JSON always has quotes in it, and never begins like a formula.
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(string(attributes), `"`, `""`)...)
		b = append(b, '"')
	}
	return append(b, '\n'), nil
}
