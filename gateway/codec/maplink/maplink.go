// Package maplink reads texts that give a place as a Google Maps link and say when it was, as people and units of several
// makers do:
//
//	2026-09-13 14:50:40 https://www.google.com/maps?q=31.222073,121.354335
//
// A link without a time is an error and not a fix of now, because many units send where they were last. Only forms of a
// date that can be read in one way are taken; the zone is the unit's unless the text names it (Z, +08:00).
package maplink

import (
	"regexp"
	"time"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

var battery = regexp.MustCompile(`(?i)\bbat(?:tery)?:?\s*(\d{1,3})\s?%`)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	latitude, longitude, linked := codec.Link(text)
	if !linked {
		return nil, codec.ErrNotMine
	}
	position, err := codec.Place(latitude, longitude)
	if err != nil {
		return nil, err
	}
	t, err := moment(text, zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	attributes := map[string]any{}
	if percent, err := codec.Number(codec.Group(battery, text)); err == nil && percent <= 100 {
		attributes["battery_percent"] = percent
	}
	if word := alarm.Leading(text); word != "" {
		attributes["alarm"] = word
	}
	if len(attributes) > 0 {
		fix.Attributes = attributes
	}
	return []tracking.Fix{fix}, nil
}
