// Package concox reads the answers of Concox and Jimi units (GT06 and its kin) to WHERE# and URL#:
//
//	Lat:N22.571285,Lon:E113.877115,Course:42.20,Speed:0.0740,DateTime:10-11-23 22:28:51
//	<Date Time: 10-11-23 23:42:51> http://maps.google.com/maps?q=N22.571490,E113.877103
//
// The date is year-month-day in the unit's local time, speed is in km/h. An alarm may stand before it ("SOS Alarm!"). "Last
// position!" before it says that the unit has no reception now, so it is no fix.
package concox

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

var (
	where = regexp.MustCompile(`(?i)\blat:\s*([NS][\d.]+)[,\s]\s*lon:\s*([EW][\d.]+)`)
	link  = regexp.MustCompile(`(?i)\bmaps\?q=([NS][\d.]+),\s*([EW][\d.]+)`)
	clock = regexp.MustCompile(`(?i)\bdate\s?time:\s*(?:20)?(\d\d-\d\d-\d\d)\s+(\d\d:\d\d:\d\d)`)
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
		return nil, codec.NoFix(warning(text))
	case when == nil:
		return nil, &codec.Error{Reason: codec.ReasonTime, Detail: "no date and time after DateTime:"}
	}
	position, err := codec.Place(at[1], at[2])
	if err != nil {
		if err == codec.ErrNoFix { //nolint:errorlint // Place returns it as it is
			err = codec.NoFix(warning(text))
		}
		return nil, err
	}
	t, err := codec.Time("06-01-02 15:04:05", when[1]+" "+when[2], zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if fix.Speed, err = codec.Speed(codec.Group(pace, text), codec.KilometrePerHour); err != nil {
		return nil, err
	}
	if fix.Course, err = codec.Course(codec.Group(way, text)); err != nil {
		return nil, err
	}
	if warned := warning(text); warned != "" {
		fix.Attributes = map[string]any{"alarm": warned}
	}
	return []tracking.Fix{fix}, nil
}

// warning is the alarm that the text begins with, also behind "Last position!".
func warning(text string) string {
	if word := alarm.Leading(text); word != "" {
		return word
	}
	before, _, _ := strings.Cut(strings.ToLower(text), "last position")
	_, behind, _ := strings.Cut(text, "!")
	if strings.TrimSpace(before) == "" {
		return alarm.Leading(behind)
	}
	return ""
}
