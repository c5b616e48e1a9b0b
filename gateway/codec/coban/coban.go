// Package coban reads the texts of Coban GPS103 and TK103 units, and of the many that are sold under other names:
//
//	lat:52.397735
//	long:9.673347
//	speed:0.00
//	T:14/05/18 17:28
//	bat:100%
//	http://maps.google.com/maps?f=q&q=52.397735,9.673347&z=16
//
// An alarm stands before it ("help me!"). The date is year/month/day in the unit's local time, to the minute; speed is in
// km/h. Without reception the unit gives its cell ("Lac:") and a link to where it was last, which is no fix.
package coban

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// maxAlarm is the longest first line that is kept as an alarm, in bytes.
const maxAlarm = 40

var (
	place   = regexp.MustCompile(`(?i)\blat:\s*([NS+-]?[\d.]+)\s+long?:\s*([EW+-]?[\d.]+)`)
	clock   = regexp.MustCompile(`(?i)(?:^|\s)T:\s*(\d\d/\d\d/\d\d)\s+(\d\d:\d\d(?::\d\d)?)`)
	speed   = regexp.MustCompile(`(?i)\bspeed:\s*([\d.]+)`)
	battery = regexp.MustCompile(`(?i)\bbat:\s*(\d{1,3})%`)
	cell    = regexp.MustCompile(`(?i)\bLac:\s*[0-9a-f]+\s+[0-9a-f]+`)
	stamp   = regexp.MustCompile(`(?i)(?:^|\s)T:`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	if cell.MatchString(text) && stamp.MatchString(text) {
		return nil, codec.ErrNoFix
	}
	at := place.FindStringSubmatch(text)
	if at == nil || !stamp.MatchString(text) {
		return nil, codec.ErrNotMine
	}
	when := clock.FindStringSubmatch(text)
	if when == nil {
		return nil, &codec.Error{Reason: codec.ReasonTime, Detail: "no date and time after T:"}
	}
	position, err := codec.Point(at[1], at[2])
	if err != nil {
		return nil, err
	}
	if codec.IsNowhere(position) {
		return nil, codec.ErrNoFix
	}
	t, err := codec.Time("06/01/02 15:04:05", when[1]+" "+seconds(when[2]), zone)
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
	fix.Attributes = attributes(text)
	return []tracking.Fix{fix}, nil
}

// seconds completes a time that may be without.
func seconds(clock string) string {
	if len(clock) == len("15:04") {
		return clock + ":00"
	}
	return clock
}

func attributes(text string) map[string]any {
	a := map[string]any{}
	if m := battery.FindStringSubmatch(text); m != nil {
		if v, err := codec.Number(m[1]); err == nil && v <= 100 {
			a["battery_percent"] = v
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	first = strings.ToLower(strings.Trim(first, " !\r"))
	if first != "" && len(first) <= maxAlarm && strings.Trim(first, "abcdefghijklmnopqrstuvwxyz ") == "" {
		a["alarm"] = first
	}
	if len(a) == 0 {
		return nil
	}
	return a
}
