package trackfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"waybill/tracking"
)

// point is a track point of GPX 1.0 or 1.1: the elements that say something of a
// fix.
type point struct {
	Latitude  float64  `xml:"lat,attr"`
	Longitude float64  `xml:"lon,attr"`
	Time      string   `xml:"time"`
	Elevation *float64 `xml:"ele"`
	// Speed and course stand in the point itself in GPX 1.0, and in an extension
	// of it in 1.1.
	Speed           *float64 `xml:"speed"`
	Course          *float64 `xml:"course"`
	ExtensionSpeed  *float64 `xml:"extensions>speed"`
	ExtensionCourse *float64 `xml:"extensions>course"`
	// Garmin's TrackPointExtension v2 has them one level deeper.
	GarminSpeed  *float64 `xml:"extensions>TrackPointExtension>speed"`
	GarminCourse *float64 `xml:"extensions>TrackPointExtension>course"`
	Satellites   string   `xml:"sat"`
}

// ReadGPX reads the points of all tracks of a GPX file. A point without a time is
// an error, because when it was is half of what a fix says.
func ReadGPX(r io.Reader) Fixes {
	return func(yield func(tracking.Fix, error) bool) {
		decoder := xml.NewDecoder(r)
		for row := 1; ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(tracking.Fix{}, &RowError{Row: row, Err: fmt.Errorf("not XML: %w", err)})
				return
			}
			start, ok := token.(xml.StartElement)
			if !ok || start.Name.Local != "trkpt" {
				continue
			}
			fix, err := readPoint(decoder, &start)
			if err != nil {
				yield(tracking.Fix{}, &RowError{Row: row, Err: err})
				return
			}
			if !yield(fix, nil) {
				return
			}
			row++
		}
	}
}

func readPoint(decoder *xml.Decoder, start *xml.StartElement) (tracking.Fix, error) {
	var p point
	if err := decoder.DecodeElement(&p, start); err != nil {
		return tracking.Fix{}, err
	}
	if p.Time == "" {
		return tracking.Fix{}, errors.New("the point has no <time>; a fix needs one")
	}
	t, err := time.Parse(time.RFC3339Nano, p.Time)
	if err != nil {
		return tracking.Fix{}, fmt.Errorf("<time> is not as in 2006-01-02T15:04:05Z: %w", err)
	}
	fix := tracking.NewFix(t, orb.Point{p.Longitude, p.Latitude})
	for _, v := range []struct{ from, to *float64 }{
		{p.Elevation, &fix.Altitude},
		{p.Speed, &fix.Speed},
		{p.ExtensionSpeed, &fix.Speed},
		{p.GarminSpeed, &fix.Speed},
		{p.Course, &fix.Course},
		{p.ExtensionCourse, &fix.Course},
		{p.GarminCourse, &fix.Course},
	} {
		if v.from != nil {
			*v.to = *v.from
		}
	}
	if n, err := strconv.Atoi(p.Satellites); err == nil {
		fix.Satellites = n
	}
	return fix, nil
}
