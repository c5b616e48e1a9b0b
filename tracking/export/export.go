// Package export writes tracks as files that other programs read: GPX 1.1, GeoJSON
// (RFC 7946), CSV, and KML 2.2.
//
// The writers take fixes as they come and keep none (KML some hundreds), so a track of
// any length goes through. Each writes as many fixes as came, in their order, with times to the
// microsecond and coordinates to the last bit: read back, they are equal.
package export

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
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
		{Name: "kml", ContentType: "application/vnd.google-earth.kml+xml", Write: KML},
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

// layout is how a format writes a track.
type layout struct {
	head string
	// fix appends what the next fix adds to the file.
	fix func(b []byte, fix *tracking.Fix, first bool) ([]byte, error)
	// rest, when it is not nil, appends what fix has held back.
	rest func(b []byte) []byte
	tail string
}

// write writes the track with never more than a fix in memory, but for what the layout
// holds back.
func (l layout) write(w io.Writer, fixes Fixes) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(l.head) // Flush returns the first error of all
	var b []byte
	first := true
	for fix, err := range fixes {
		if err != nil {
			return fmt.Errorf("read track: %w", err)
		}
		if b, err = l.fix(b[:0], &fix, first); err != nil {
			return fmt.Errorf("write the fix of %s: %w", fix.Time.Format(time.RFC3339Nano), err)
		}
		first = false
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("write track: %w", err)
		}
	}
	if l.rest != nil {
		_, _ = out.Write(l.rest(b[:0]))
	}
	_, _ = out.WriteString(l.tail)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write track: %w", err)
	}
	return nil
}

// escaped is text as XML takes it; what no XML can hold is replaced.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
