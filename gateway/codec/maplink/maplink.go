// Package maplink reads texts that give a place as a Google Maps link and say when it was, as units of several makers do:
//
//	http://maps.google.com/maps?q=31.222073,121.354335 F1 D2009/01/01T00:00:00 B74%              (Queclink, SIMCom)
//	D:17/1/9 T:12:52:30 S:0.00 C:54.666042, 25.225032 Url: http://maps.google.com/?q=54.666042,25.225032&om=1speed:0  (Teltonika ggps)
//	2026-09-13 14:50:40 https://www.google.com/maps?q=31.222073,121.354335                       (people, and others)
//
// A link without a time is an error and not a fix of now, because many units send where they were last. Only forms of a
// date that can be read in one way are taken; the zone is the unit's unless the text names it (Z, +08:00).
package maplink

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

var (
	link = regexp.MustCompile(`(?i)\bhttps?://(?:www\.)?(?:maps\.google\.[a-z.]+|google\.[a-z.]+/maps)[^\s]*?[?&](?:q|ll|query)=(?:loc:)?` +
		`([+-]?\d{1,3}(?:\.\d+)?)(?:,|%2C)\s*([+-]?\d{1,3}(?:\.\d+)?)`)
	battery = regexp.MustCompile(`\bB(\d{1,3})%`)
	gnss    = regexp.MustCompile(`\sF(\d{1,2})\sD\d`)
	speed   = regexp.MustCompile(`(?:^|\s)S:(\d+(?:\.\d+)?)(?:\s|$)`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	at := link.FindStringSubmatch(text)
	if at == nil {
		return nil, codec.ErrNotMine
	}
	// Queclink: the accuracy of the fix, 0 when it is the last known place.
	if m := gnss.FindStringSubmatch(text); m != nil && strings.Trim(m[1], "0") == "" {
		return nil, codec.ErrNoFix
	}
	position, err := codec.Point(at[1], at[2])
	if err != nil {
		return nil, err
	}
	if codec.IsNowhere(position) {
		return nil, codec.ErrNoFix
	}
	t, err := moment(text, zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if m := speed.FindStringSubmatch(text); m != nil {
		v, err := codec.Number(m[1])
		if err != nil {
			return nil, err
		}
		fix.Speed = v * codec.KilometrePerHour
	}
	if m := battery.FindStringSubmatch(text); m != nil {
		if v, err := codec.Number(m[1]); err == nil && v <= 100 {
			fix.Attributes = map[string]any{"battery_percent": v}
		}
	}
	return []tracking.Fix{fix}, nil
}
