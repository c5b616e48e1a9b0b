// Package concox reads the answers of Concox and Jimi units (GT06 and its kin) to WHERE# and URL#:
//
//	Lat:N22.571285,Lon:E113.877115,Course:42.20,Speed:0.0740,DateTime:10-11-23 22:28:51
//	<Date Time: 10-11-23 23:42:51> http://maps.google.com/maps?q=N22.571490,E113.877103
//
// The date is year-month-day in the unit's local time, speed is in km/h. "Last position!" before it says that the unit
// has no reception now, so it is no fix.
package concox

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

var (
	where = regexp.MustCompile(`(?i)\blat:\s*([NS][\d.]+),\s*lon:\s*([EW][\d.]+)`)
	link  = regexp.MustCompile(`(?i)\bmaps\?q=([NS][\d.]+),\s*([EW][\d.]+)`)
	clock = regexp.MustCompile(`(?i)\bdate\s?time:\s*(\d\d-\d\d-\d\d \d\d:\d\d:\d\d)`)
	pace  = regexp.MustCompile(`(?i)\bspeed:\s*([\d.]+)`)
	way   = regexp.MustCompile(`(?i)\bcourse:\s*([\d.]+)`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	at := where.FindStringSubmatch(text)
	if at == nil {
		at = link.FindStringSubmatch(text)
	}
	when := clock.FindStringSubmatch(text)
	switch {
	case at == nil:
		return nil, codec.ErrNotMine
	case strings.Contains(strings.ToLower(text), "last position"):
		return nil, codec.ErrNoFix
	case when == nil:
		return nil, &codec.Error{Reason: codec.ReasonTime, Detail: "no date and time after DateTime:"}
	}
	position, err := codec.Point(at[1], at[2])
	if err != nil {
		return nil, err
	}
	if codec.IsNowhere(position) {
		return nil, codec.ErrNoFix
	}
	t, err := codec.Time("06-01-02 15:04:05", when[1], zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if m := pace.FindStringSubmatch(text); m != nil {
		v, err := codec.Number(m[1])
		if err != nil {
			return nil, err
		}
		fix.Speed = v * codec.KilometrePerHour
	}
	if m := way.FindStringSubmatch(text); m != nil {
		v, err := codec.Number(m[1])
		if err != nil || v > 360 {
			return nil, &codec.Error{Reason: codec.ReasonNumber, Detail: "course " + m[1]}
		}
		fix.Course = v
	}
	return []tracking.Fix{fix}, nil
}
