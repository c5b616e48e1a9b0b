package export

import (
	"io"
	"strconv"

	"waybill/geo"
	"waybill/tracking"
)

const (
	gpxHead = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Waybill" xmlns="http://www.topografix.com/GPX/1/1"` +
		` xmlns:tp="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">
<trk><name>`
	gpxSegment = "</name><trkseg>\n"
	gpxTail    = "</trkseg></trk>\n</gpx>\n"
)

// GPX writes the track as GPX 1.1, in one segment. Speed (m/s) and course are in
// Garmin's TrackPointExtension v2, for GPX has no place for them; accuracy and
// attributes are left out.
func GPX(w io.Writer, title string, fixes Fixes) error {
	return layout{head: gpxHead + escaped(title) + gpxSegment, fix: appendTrackPoint, tail: gpxTail}.write(w, fixes)
}

// appendTrackPoint keeps to the order of elements that the schema demands.
func appendTrackPoint(b []byte, fix *tracking.Fix, _ bool) ([]byte, error) {
	b = append(b, `<trkpt lat="`...)
	b = appendDegrees(b, fix.Position.Lat())
	b = append(b, `" lon="`...)
	// The schema has -180 for that meridian, and not 180.
	b = appendDegrees(b, geo.WrapLongitude(fix.Position.Lon()))
	b = append(b, `">`...)
	if known(fix.Altitude) {
		b = appendElement(b, "ele", fix.Altitude)
	}
	b = append(b, "<time>"...)
	b = appendTime(b, fix.Time)
	b = append(b, "</time>"...)
	if fix.Satellites >= 0 {
		b = append(b, "<sat>"...)
		b = strconv.AppendInt(b, int64(fix.Satellites), 10)
		b = append(b, "</sat>"...)
	}
	if known(fix.Speed) || known(fix.Course) {
		b = append(b, "<extensions><tp:TrackPointExtension>"...)
		if known(fix.Speed) {
			b = appendElement(b, "tp:speed", fix.Speed)
		}
		if known(fix.Course) {
			b = appendElement(b, "tp:course", fix.Course)
		}
		b = append(b, "</tp:TrackPointExtension></extensions>"...)
	}
	return append(b, "</trkpt>\n"...), nil
}

func appendElement(b []byte, name string, v float64) []byte {
	b = append(b, '<')
	b = append(b, name...)
	b = append(b, '>')
	b = appendValue(b, v)
	b = append(b, "</"...)
	b = append(b, name...)
	return append(b, '>')
}
