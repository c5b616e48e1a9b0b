package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"waybill/tracking"
)

// GeoJSON writes the track as a FeatureCollection (RFC 7946) with the title as its
// foreign member "name". Each fix is a Point, with altitude (metres) as the third
// coordinate and properties fix_time, speed (m/s), course (degrees), accuracy
// (metres), satellites and attributes, as far as they are known.
func GeoJSON(w io.Writer, title string, fixes Fixes) error {
	name, err := json.Marshal(title)
	if err != nil {
		return fmt.Errorf("write title: %w", err)
	}
	head := `{"type":"FeatureCollection","name":` + string(name) + `,"features":[`
	return layout{head: head, fix: appendFeature, tail: "\n]}\n"}.write(w, fixes)
}

func appendFeature(b []byte, fix *tracking.Fix, first bool) ([]byte, error) {
	if !first {
		b = append(b, ',')
	}
	b = append(b, "\n"+`{"type":"Feature","geometry":{"type":"Point","coordinates":[`...)
	b = appendDegrees(b, fix.Position.Lon())
	b = append(b, ',')
	b = appendDegrees(b, fix.Position.Lat())
	if known(fix.Altitude) {
		b = append(b, ',')
		b = appendValue(b, fix.Altitude)
	}
	b = append(b, `]},"properties":{"fix_time":"`...)
	b = appendTime(b, fix.Time)
	b = append(b, '"')
	b = appendMember(b, "speed", fix.Speed)
	b = appendMember(b, "course", fix.Course)
	b = appendMember(b, "accuracy", fix.Accuracy)
	if fix.Satellites >= 0 {
		b = append(b, `,"satellites":`...)
		b = strconv.AppendInt(b, int64(fix.Satellites), 10)
	}
	if len(fix.Attributes) > 0 {
		attributes, err := json.Marshal(fix.Attributes)
		if err != nil {
			return nil, fmt.Errorf("attributes: %w", err)
		}
		b = append(b, `,"attributes":`...)
		b = append(b, attributes...)
	}
	return append(b, "}}"...), nil
}

func appendMember(b []byte, name string, v float64) []byte {
	if !known(v) {
		return b
	}
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return appendValue(b, v)
}
