// Package export writes tracks as files that other programs read: GPX 1.1, GeoJSON
// (RFC 7946) and CSV.
//
// The writers take fixes as they come and keep none, so a track of any length goes
// through. Each writes as many fixes as came, in their order, with times to the
// microsecond and coordinates to the last bit: read back, they are equal.
package export

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"time"

	"waybill/tracking"
)

// Fixes are what a writer takes, such as [tracking.Track] gives.
type Fixes = iter.Seq2[tracking.Fix, error]

// Format is one way to write a track.
type Format struct {
	// Name is what people choose it by, and the extension of its files.
	Name string
	// ContentType is for HTTP.
	ContentType string
	// Write writes the track with a title. When fixes yield an error it is returned,
	// and what was written is not a whole file.
	Write func(w io.Writer, title string, fixes Fixes) error
}

// Formats lists the formats.
func Formats() []Format {
	return []Format{
		{Name: "gpx", ContentType: "application/gpx+xml", Write: GPX},
		{Name: "geojson", ContentType: "application/geo+json", Write: GeoJSON},
		{Name: "csv", ContentType: "text/csv; charset=utf-8", Write: func(w io.Writer, _ string, fixes Fixes) error {
			return CSV(w, fixes)
		}},
	}
}

// timeFormat is RFC 3339 in UTC; the zeros at the end of a fraction are left out.
const timeFormat = "2006-01-02T15:04:05.999999Z"

func appendTime(b []byte, t time.Time) []byte { return t.UTC().AppendFormat(b, timeFormat) }

// appendDegrees writes the shortest text that reads back as the same float64.
func appendDegrees(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', -1, 64) }

// appendValue is appendDegrees for values that are stored as float32: 3.6 and not
// 3.5999999046325684.
func appendValue(b []byte, v float64) []byte {
	if float64(float32(v)) == v {
		return strconv.AppendFloat(b, v, 'f', -1, 32)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// writeEach writes what line makes of each fix between head and tail.
func writeEach(w io.Writer, head, tail string, fixes Fixes, line func(b []byte, fix *tracking.Fix, first bool) ([]byte, error)) error {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString(head); err != nil {
		return fmt.Errorf("write track: %w", err)
	}
	var b []byte
	first := true
	for fix, err := range fixes {
		if err != nil {
			return fmt.Errorf("read track: %w", err)
		}
		if b, err = line(b[:0], &fix, first); err != nil {
			return fmt.Errorf("write the fix of %s: %w", fix.Time.Format(time.RFC3339Nano), err)
		}
		first = false
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("write track: %w", err)
		}
	}
	if _, err := out.WriteString(tail); err != nil {
		return fmt.Errorf("write track: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write track: %w", err)
	}
	return nil
}
