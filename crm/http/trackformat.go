package crmhttp

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// trackFormat writes fixes as a file, one after another: a track may be longer than
// memory.
type trackFormat struct {
	contentType string
	extension   string
	write       func(w io.Writer, title string, fixes iter.Seq2[*trackingv1.Fix, error]) error
}

// trackFormats are the formats by the name that the query gives; GeoJSON without one.
func trackFormats() map[string]trackFormat {
	geoJSON := trackFormat{contentType: "application/geo+json", extension: ".geojson", write: writeGeoJSON}
	return map[string]trackFormat{
		"":        geoJSON,
		"geojson": geoJSON,
		"gpx":     {contentType: "application/gpx+xml", extension: ".gpx", write: writeGPX},
		"csv":     {contentType: "text/csv; charset=utf-8", extension: ".csv", write: writeCSV},
	}
}

// writeGPX writes GPX 1.1. Speed (m/s), course (degrees) and accuracy (metres), which
// it has no elements for, stand in extensions.
func writeGPX(w io.Writer, title string, fixes iter.Seq2[*trackingv1.Fix, error]) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<gpx version="1.1" creator="Waybill" xmlns="http://www.topografix.com/GPX/1/1" xmlns:w="urn:waybill:track:1">` + "\n<trk><name>")
	if err := xml.EscapeText(b, []byte(title)); err != nil {
		return fmt.Errorf("write the title: %w", err)
	}
	_, _ = b.WriteString("</name><trkseg>\n")
	for fix, err := range fixes {
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(b, `<trkpt lat="%s" lon="%s">`, number(fix.GetPosition().GetLatitude()), number(fix.GetPosition().GetLongitude()))
		element(b, "ele", fix.Altitude)
		_, _ = fmt.Fprintf(b, "<time>%s</time>", fixTime(fix))
		if fix.Satellites != nil {
			_, _ = fmt.Fprintf(b, "<sat>%d</sat>", fix.GetSatellites())
		}
		if fix.Speed != nil || fix.Course != nil || fix.Accuracy != nil {
			_, _ = b.WriteString("<extensions>")
			element(b, "w:speed", fix.Speed)
			element(b, "w:course", fix.Course)
			element(b, "w:accuracy", fix.Accuracy)
			_, _ = b.WriteString("</extensions>")
		}
		// A bufio.Writer keeps its first error.
		if _, err := b.WriteString("</trkpt>\n"); err != nil {
			return fmt.Errorf("write GPX: %w", err)
		}
	}
	_, _ = b.WriteString("</trkseg></trk>\n</gpx>\n")
	return flush(b)
}

func element(b *bufio.Writer, name string, value *float64) {
	if value != nil {
		_, _ = fmt.Fprintf(b, "<%s>%s</%[1]s>", name, number(*value))
	}
}

// feature is one fix in GeoJSON.
type feature struct {
	Type       string         `json:"type"`
	Geometry   geometry       `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

type geometry struct {
	Type        string    `json:"type"`
	Coordinates []float64 `json:"coordinates"`
}

// writeGeoJSON writes a FeatureCollection with a point for each fix, so that each
// keeps its time.
func writeGeoJSON(w io.Writer, _ string, fixes iter.Seq2[*trackingv1.Fix, error]) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString(`{"type":"FeatureCollection","features":[`)
	separator := "\n"
	for fix, err := range fixes {
		if err != nil {
			return err
		}
		raw, err := json.Marshal(featureOf(fix))
		if err != nil {
			return fmt.Errorf("write a feature: %w", err)
		}
		_, _ = b.WriteString(separator)
		if _, err := b.Write(raw); err != nil {
			return fmt.Errorf("write GeoJSON: %w", err)
		}
		separator = ",\n"
	}
	_, _ = b.WriteString("\n]}\n")
	return flush(b)
}

func featureOf(fix *trackingv1.Fix) feature {
	coordinates := []float64{fix.GetPosition().GetLongitude(), fix.GetPosition().GetLatitude()}
	properties := map[string]any{"time": fixTime(fix), "source": fix.GetSource()}
	if fix.Altitude != nil {
		coordinates = append(coordinates, fix.GetAltitude())
	}
	for name, value := range map[string]*float64{"speed": fix.Speed, "course": fix.Course, "accuracy": fix.Accuracy} { //nolint:protogetter // Their absence matters.
		if value != nil {
			properties[name] = *value
		}
	}
	if fix.Satellites != nil {
		properties["satellites"] = fix.GetSatellites()
	}
	for name, value := range fix.GetAttributes().AsMap() {
		if _, taken := properties[name]; !taken {
			properties[name] = value
		}
	}
	return feature{Type: "Feature", Geometry: geometry{Type: "Point", Coordinates: coordinates}, Properties: properties}
}

// writeCSV writes a header and a row for each fix: degrees, metres, metres a second.
func writeCSV(w io.Writer, _ string, fixes iter.Seq2[*trackingv1.Fix, error]) error {
	rows := csv.NewWriter(w)
	header := []string{"time", "longitude", "latitude", "altitude", "speed", "course", "accuracy", "satellites", "source"}
	if err := rows.Write(header); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for fix, err := range fixes {
		if err != nil {
			return err
		}
		satellites := ""
		if fix.Satellites != nil {
			satellites = strconv.Itoa(int(fix.GetSatellites()))
		}
		err := rows.Write([]string{
			fixTime(fix), number(fix.GetPosition().GetLongitude()), number(fix.GetPosition().GetLatitude()),
			optional(fix.Altitude), optional(fix.Speed), optional(fix.Course), optional(fix.Accuracy),
			satellites, fix.GetSource(),
		})
		if err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	rows.Flush()
	return rows.Error()
}

func optional(value *float64) string {
	if value == nil {
		return ""
	}
	return number(*value)
}

// number has all the digits that bring the same number back.
func number(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

func fixTime(fix *trackingv1.Fix) string {
	return fix.GetFixTime().AsTime().Format(time.RFC3339Nano)
}

func flush(b *bufio.Writer) error {
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write a track: %w", err)
	}
	return nil
}
