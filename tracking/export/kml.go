package export

import (
	"io"
	"math"
	"slices"

	"waybill/tracking"
)

const (
	kmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document><name>`
	kmlSchema = `</name>
<Schema id="fix">
<gx:SimpleArrayField name="speed" type="float"><displayName>Speed (m/s)</displayName></gx:SimpleArrayField>
<gx:SimpleArrayField name="course" type="float"><displayName>Course (degrees)</displayName></gx:SimpleArrayField>
<gx:SimpleArrayField name="accuracy" type="float"><displayName>Accuracy (m)</displayName></gx:SimpleArrayField>
<gx:SimpleArrayField name="satellites" type="int"><displayName>Satellites</displayName></gx:SimpleArrayField>
</Schema>
<Placemark><name>`
	kmlTracks = `</name>
<gx:MultiTrack><altitudeMode>clampToGround</altitudeMode><gx:interpolate>1</gx:interpolate>
`
	kmlTail = `</gx:MultiTrack></Placemark>
</Document>
</kml>
`
	// kmlPart is how many fixes are in one gx:Track.
	kmlPart = 500
)

// KML writes the track as KML 2.2 with Google's extension gx:Track: a time and a place
// for each fix, and arrays of what else is known. The schema wants all times of a track
// before all of its places, so the file has one of them for some hundred fixes, in a
// gx:MultiTrack that joins them. Attributes are left out.
func KML(w io.Writer, title string, fixes Fixes) error {
	name := escaped(title)
	part := make([]tracking.Fix, 0, kmlPart)
	return layout{
		head: kmlHead + name + kmlSchema + name + kmlTracks,
		fix: func(b []byte, fix *tracking.Fix, _ bool) ([]byte, error) {
			if len(part) == kmlPart {
				b = appendKMLTrack(b, part)
				part = part[:0]
			}
			part = append(part, *fix)
			return b, nil
		},
		rest: func(b []byte) []byte {
			if len(part) == 0 {
				return b
			}
			return appendKMLTrack(b, part)
		},
		tail: kmlTail,
	}.write(w, fixes)
}

// appendKMLTrack keeps to the order of elements that the schema demands.
func appendKMLTrack(b []byte, fixes []tracking.Fix) []byte {
	b = append(b, "<gx:Track>\n"...)
	for i := range fixes {
		b = append(b, "<when>"...)
		b = appendTime(b, fixes[i].Time)
		b = append(b, "</when>\n"...)
	}
	for i := range fixes {
		b = append(b, "<gx:coord>"...)
		b = appendDegrees(b, fixes[i].Position.Lon())
		b = append(b, ' ')
		b = appendDegrees(b, fixes[i].Position.Lat())
		if known(fixes[i].Altitude) {
			b = append(b, ' ')
			b = appendValue(b, fixes[i].Altitude)
		}
		b = append(b, "</gx:coord>\n"...)
	}
	b = append(b, `<ExtendedData><SchemaData schemaUrl="#fix">`+"\n"...)
	b = appendArray(b, "speed", fixes, func(fix *tracking.Fix) float64 { return fix.Speed })
	b = appendArray(b, "course", fixes, func(fix *tracking.Fix) float64 { return fix.Course })
	b = appendArray(b, "accuracy", fixes, func(fix *tracking.Fix) float64 { return fix.Accuracy })
	b = appendArray(b, "satellites", fixes, func(fix *tracking.Fix) float64 {
		if fix.Satellites < 0 {
			return math.NaN()
		}
		return float64(fix.Satellites)
	})
	return append(b, "</SchemaData></ExtendedData>\n</gx:Track>\n"...)
}

// appendArray writes a value for each fix, empty where it is unknown, and nothing where
// all are.
func appendArray(b []byte, name string, fixes []tracking.Fix, value func(*tracking.Fix) float64) []byte {
	if !slices.ContainsFunc(fixes, func(fix tracking.Fix) bool { return known(value(&fix)) }) {
		return b
	}
	b = append(b, `<gx:SimpleArrayData name="`...)
	b = append(b, name...)
	b = append(b, `">`...)
	for i := range fixes {
		b = append(b, "<gx:value>"...)
		if v := value(&fixes[i]); known(v) {
			b = appendValue(b, v)
		}
		b = append(b, "</gx:value>"...)
	}
	return append(b, "</gx:SimpleArrayData>\n"...)
}
