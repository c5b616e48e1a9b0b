// Package ggps reads what Teltonika units answer to ggps:
//
//	D:17/1/9 T:12:52:30 S:0.00 C:54.666042, 25.225032 Url: http://maps.google.com/?q=54.666042,25.225032&om=1speed:0
//
// The date is year/month/day without leading zeros, in the unit's local time; S is the speed in km/h, C latitude and
// longitude.
package ggps

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

var (
	when  = regexp.MustCompile(`(?i)\bD:\s*(\d{2}(?:\d\d)?)/(\d{1,2}/\d{1,2})[\s,]+T:\s*(\d{1,2}:\d{1,2}:\d{1,2})\b`)
	place = regexp.MustCompile(`(?i)\bC:\s*([NS+-]?\d[\d.]*[NS]?)\s*,\s*([EW+-]?\d[\d.]*[EW]?)`)
	speed = regexp.MustCompile(`(?i)(?:^|\s)S:\s*(\d[\d.]*)`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	m := when.FindStringSubmatch(text)
	if m == nil {
		return nil, codec.ErrNotMine
	}
	latitude, longitude, linked := codec.Link(text)
	if at := place.FindStringSubmatch(text); at != nil {
		latitude, longitude = at[1], at[2]
	} else if !linked {
		return nil, codec.ErrNotMine
	}
	position, err := codec.Place(latitude, longitude)
	if err != nil {
		return nil, err
	}
	year := strings.TrimPrefix(m[1], "20")
	if len(year) != 2 { // 1999, or 2020 cut to 20, which is right as it is
		year = m[1][len(m[1])-2:]
	}
	t, err := codec.Time("06/1/2 15:4:5", year+"/"+m[2]+" "+m[3], zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if fix.Speed, err = codec.Speed(codec.Group(speed, text), codec.KilometrePerHour); err != nil {
		return nil, err
	}
	return []tracking.Fix{fix}, nil
}
