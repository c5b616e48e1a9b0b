// Package owntracks reads the JSON of the OwnTracks apps and of the many units that speak it
// (https://owntracks.org/booklet/tech/json/). A message is one object; its `_type` says what it is, and only `location`
// is a report. Elements that we don't know are ignored, as that document asks of a reader.
//
// Numbers may come as strings ("lat":"52.5"), which early firmware does and OwnTracks' own recorder reads too. The
// speed is in km/h there and in m/s here. Values below zero of accuracy, speed and course mean "unknown".
package owntracks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Name is the format's name.
const Name = "owntracks"

// ReasonEncrypted says that the payload is encrypted in the app.
const ReasonEncrypted codec.Reason = "encrypted"

// message has the elements that are read; unknown ones are ignored.
type message struct {
	Type string `json:"_type"`
	Lat  *num   `json:"lat"`
	Lon  *num   `json:"lon"`
	Tst  *num   `json:"tst"` // seconds of Unix time of the fix
	Acc  *num   `json:"acc"` // metres
	Alt  *num   `json:"alt"` // metres
	Vac  *num   `json:"vac"` // metres, accuracy of alt
	Vel  *num   `json:"vel"` // km/h
	Cog  *num   `json:"cog"` // degrees
	Batt *num   `json:"batt"`
	// Bs is the battery's state: 0 unknown, 1 unplugged, 2 charging, 3 full.
	Bs        *num     `json:"bs"`
	Pressure  *num     `json:"p"`    // kPa
	Conn      *text    `json:"conn"` // w(ifi), o(ffline), m(obile)
	Trigger   *text    `json:"t"`
	TrackerID *text    `json:"tid"`
	Tag       *text    `json:"tag"`
	POI       *text    `json:"poi"`
	InRegions []string `json:"inregions"`
}

// Decode reads a message. It is a [codec.DecodeMessage]: what is no location (lwt, waypoint, transition, ...) and the
// empty message that clears a retained one give no parts and no error.
func Decode(payload []byte) ([]codec.Part, error) {
	payload = bytes.TrimSpace(payload)
	if len(payload) == 0 {
		return nil, nil
	}
	if payload[0] != '{' {
		return nil, codec.ErrNotMine
	}
	m, err := parse(payload)
	if err != nil {
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("not JSON as OwnTracks sends it, or not whole: %.200s", err.Error())}
	}
	switch m.Type {
	case "location":
		fix, err := m.fix()
		if err != nil {
			return nil, err
		}
		return []codec.Part{{Fix: fix}}, nil
	case "lwt", "transition", "waypoint", "waypoints", "card", "cmd", "configuration", "dump", "steps", "beacon", "request", "status":
		return nil, nil
	case "encrypted":
		return nil, &codec.Error{Reason: ReasonEncrypted, Detail: "the payload is encrypted; switch encryption off in the app and TLS on"}
	case "":
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: "_type is missing"}
	default:
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("_type %.32q is not one of OwnTracks", m.Type)}
	}
}

// parse reads the object. Where it is of another type than a location, only its type matters: the elements that we
// know may mean something else there.
func parse(payload []byte) (message, error) {
	var m message
	err := json.Unmarshal(payload, &m)
	if err == nil {
		return m, nil
	}
	var head struct {
		Type string `json:"_type"`
	}
	if json.Unmarshal(payload, &head) == nil && head.Type != "location" {
		return message{Type: head.Type}, nil
	}
	return message{}, err
}

func (m *message) fix() (tracking.Fix, error) {
	for _, required := range []struct {
		name   string
		value  *num
		reason codec.Reason
	}{{"lat", m.Lat, codec.ReasonSyntax}, {"lon", m.Lon, codec.ReasonSyntax}, {"tst", m.Tst, codec.ReasonTime}} {
		if required.value == nil {
			return tracking.Fix{}, &codec.Error{Reason: required.reason, Detail: required.name + " is missing"}
		}
	}
	lat, lon := float64(*m.Lat), float64(*m.Lon)
	if math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonPosition, Detail: fmt.Sprintf("lat %g, lon %g", lat, lon)}
	}
	at, ok := unix(float64(*m.Tst))
	if !ok {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonTime, Detail: fmt.Sprintf("tst %g is no time of this era in seconds", float64(*m.Tst))}
	}
	fix := tracking.NewFix(at, orb.Point{lon, lat})
	set(&fix.Altitude, m.Alt, 1)
	setPositive(&fix.Accuracy, m.Acc, 1)
	setPositive(&fix.Speed, m.Vel, codec.KilometrePerHour)
	setPositive(&fix.Course, m.Cog, 1)
	fix.Attributes = m.attributes()
	return fix, nil
}

func (m *message) attributes() map[string]any {
	a := make(map[string]any)
	number := func(name string, v *num) {
		if v != nil {
			a[name] = float64(*v)
		}
	}
	word := func(name string, v *text) {
		if v != nil && *v != "" {
			a[name] = string(*v)
		}
	}
	number("battery_percent", m.Batt)
	number("vertical_accuracy_m", m.Vac)
	number("pressure_kpa", m.Pressure)
	word("trigger", m.Trigger)
	word("tracker_id", m.TrackerID)
	word("tag", m.Tag)
	word("poi", m.POI)
	if m.Bs != nil {
		switch *m.Bs {
		case 1:
			a["battery_state"] = "unplugged"
		case 2:
			a["battery_state"] = "charging"
		case 3:
			a["battery_state"] = "full"
		}
	}
	if m.Conn != nil {
		switch *m.Conn {
		case "w":
			a["connection"] = "wifi"
		case "o":
			a["connection"] = "offline"
		case "m":
			a["connection"] = "mobile"
		}
	}
	if len(m.InRegions) > 0 {
		regions := make([]any, len(m.InRegions)) // as JSON would give it back
		for i, r := range m.InRegions {
			regions[i] = clean(r)
		}
		a["in_regions"] = regions
	}
	if len(a) == 0 {
		return nil
	}
	return a
}

func set(to *float64, v *num, unit float64) {
	if v != nil {
		*to = float64(*v) * unit
	}
}

func setPositive(to *float64, v *num, unit float64) {
	if v != nil && *v >= 0 {
		*to = float64(*v) * unit
	}
}

// lastSecond is the last of the year 9999.
const lastSecond = 253402300799

// unix reads seconds of Unix time to the microsecond. The zero time of the year 1 is none.
func unix(seconds float64) (time.Time, bool) {
	if math.Abs(seconds) > lastSecond {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	t := time.Unix(int64(whole), 0).Add(time.Duration(math.Round(fraction*1e6)) * time.Microsecond).UTC()
	return t, !t.IsZero()
}
