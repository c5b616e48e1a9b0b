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
// km/h. Without reception the unit gives its cell ("Lac:") and a link to where it was last ("Last:"), which is no fix.
package coban

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

// maxAlarm is the longest first line that is kept as an alarm, in bytes.
const maxAlarm = 40

var (
	place   = regexp.MustCompile(`(?i)\blat:\s*([NS+-]?[\d.]+[NS]?)[\s,]+long?:\s*([EW+-]?[\d.]+[EW]?)`)
	clock   = regexp.MustCompile(`(?i)(?:^|\s)T:\s*(\d\d/\d\d/\d\d)\s+(\d\d:\d\d(?::\d\d)?)`)
	speed   = regexp.MustCompile(`(?i)\bspeed:\s*([\d.]+)`)
	battery = regexp.MustCompile(`(?i)\bbat:\s*(\d{1,3})%`)
	power   = regexp.MustCompile(`(?i)\bpower:\s*(on|off)\b`)
	engine  = regexp.MustCompile(`(?i)\bacc:\s*(on|off)\b`)
	door    = regexp.MustCompile(`(?i)\bdoor:\s*(on|off)\b`)
	lost    = regexp.MustCompile(`(?i)(?:\bLac:\s*[0-9a-f]+[\s,]+[0-9a-f]+|(?:^|\s)Last:)`)
	stamp   = regexp.MustCompile(`(?i)(?:^|\s)T:`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	if lost.MatchString(text) {
		return nil, codec.NoFix(alarm.Leading(text))
	}
	at := place.FindStringSubmatch(text)
	if at == nil || !stamp.MatchString(text) {
		return nil, codec.ErrNotMine
	}
	position, err := codec.Place(at[1], at[2])
	if err != nil {
		if err == codec.ErrNoFix { //nolint:errorlint // Place returns it as it is
			err = codec.NoFix(alarm.Leading(text))
		}
		return nil, err
	}
	when := clock.FindStringSubmatch(text)
	if when == nil {
		return nil, &codec.Error{Reason: codec.ReasonTime, Detail: "no date and time after T:"}
	}
	t, err := codec.Time("06/01/02 15:04:05", when[1]+" "+seconds(when[2]), zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if fix.Speed, err = codec.Speed(codec.Group(speed, text), codec.KilometrePerHour); err != nil {
		return nil, err
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
	if percent, err := codec.Number(codec.Group(battery, text)); err == nil && percent <= 100 {
		a["battery_percent"] = percent
	}
	for name, pattern := range map[string]*regexp.Regexp{"external_power": power, "ignition": engine, "door_open": door} {
		if said := codec.Group(pattern, text); said != "" {
			a[name] = strings.EqualFold(said, "on")
		}
	}
	if warned := warning(text); warned != "" {
		a["alarm"] = warned
	}
	if len(a) == 0 {
		return nil
	}
	return a
}

// warning is the alarm that the text begins with: the word for one that is known, and else what its first line says.
func warning(text string) string {
	if word := alarm.Leading(text); word != "" {
		return word
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	first = strings.ToLower(strings.Trim(first, " !\r"))
	if len(first) > maxAlarm || strings.Trim(first, "abcdefghijklmnopqrstuvwxyz ") != "" {
		return ""
	}
	return first
}
