// Package teltonika reads the texts that Teltonika units send of their own accord, when something happens:
//
//	2017/06/13 13:52:18 Lon:25.255537 Lat:54.667193 Ignition 1
//
// Longitude comes first. The time is the unit's local one. What happened and its value are the attributes event and
// event_value; ignition sets the attribute of that name, and what is an alarm sets alarm while its value isn't 0.
package teltonika

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

// maxName is the longest name of an event that is kept, in bytes.
const maxName = 60

var (
	message = regexp.MustCompile(`(?is)^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\s+(\d{1,2}:\d\d:\d\d)[\s,]+` +
		`Lon:\s*([EW+-]?\d[\d.]*[EW]?)[\s,]+Lat:\s*([NS+-]?\d[\d.]*[NS]?)(?:[\s,]+(\S.*?))?\s*$`)
	value = regexp.MustCompile(`(?s)^(.*\S)[\s:=]+(-?\d+(?:\.\d+)?)$`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	m := message.FindStringSubmatch(text)
	if m == nil {
		return nil, codec.ErrNotMine
	}
	attributes := happened(m[5])
	position, err := codec.Place(m[4], m[3])
	if err != nil {
		if err == codec.ErrNoFix { //nolint:errorlint // Place returns it as it is
			warned, _ := attributes["alarm"].(string)
			err = codec.NoFix(warned)
		}
		return nil, err
	}
	day := strings.NewReplacer("/", "-", ".", "-").Replace(m[1])
	t, err := codec.Time("2006-1-2 15:04:05", day+" "+m[2], zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	fix.Attributes = attributes
	return []tracking.Fix{fix}, nil
}

// happened gives the attributes of an event, nil for none.
func happened(event string) map[string]any {
	if event == "" || len(event) > maxName {
		return nil
	}
	attributes := map[string]any{"event": event}
	on := true
	if m := value.FindStringSubmatch(event); m != nil {
		v, err := codec.Number(m[2])
		if err != nil {
			return attributes
		}
		attributes["event"], attributes["event_value"], on = strings.TrimRight(m[1], " :="), v, v != 0
	}
	word := alarm.Word(attributes["event"].(string)) //nolint:errcheck,forcetypeassert // set above
	switch {
	case word == alarm.Ignition:
		attributes["ignition"] = on
	case word != "" && on:
		attributes["alarm"] = word
	}
	return attributes
}
