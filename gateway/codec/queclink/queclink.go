// Package queclink reads the map links of Queclink units, and of those that are built on SIMCom's location modules:
//
//	http://maps.google.com/maps?q=31.222073,121.354335 F1 D2009/01/01T00:00:00 B74%
//
// F is the accuracy of the fix, 0 when the place is the last known one; D is the unit's local time unless it ends in Z; B
// is the battery.
package queclink

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

var (
	clock   = regexp.MustCompile(`(?i)\bD(\d{4}[-/]\d\d[-/]\d\d)[T ](\d\d:\d\d:\d\d)(Z?)`)
	quality = regexp.MustCompile(`(?i)\bF(\d{1,2})\b`)
	battery = regexp.MustCompile(`(?i)\bB(\d{1,3})%`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	latitude, longitude, linked := codec.Link(text)
	when := clock.FindStringSubmatch(text)
	if !linked || when == nil {
		return nil, codec.ErrNotMine
	}
	if f := codec.Group(quality, text); f != "" && strings.Trim(f, "0") == "" {
		return nil, codec.ErrNoFix
	}
	position, err := codec.Place(latitude, longitude)
	if err != nil {
		return nil, err
	}
	if when[3] != "" {
		zone = time.UTC
	}
	t, err := codec.Time("2006-01-02 15:04:05", strings.ReplaceAll(when[1], "/", "-")+" "+when[2], zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if s := codec.Group(battery, text); s != "" {
		if percent, err := codec.Number(s); err == nil && percent <= 100 {
			fix.Attributes = map[string]any{"battery_percent": percent}
		}
	}
	return []tracking.Fix{fix}, nil
}
