// Package getgps reads what Teltonika units answer to getgps:
//
//	GPS:1 Sat:10 LAT:9.9839 LON:9.9839 ALT:9.9839 Speed:10 Dir:10 Date:2023-04-03 Time:12:32:06
//
// GPS:0 says that there is no fix. Altitude is in metres, speed in km/h, Dir the course; the time is the unit's local
// one.
package getgps

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

var (
	valid      = regexp.MustCompile(`(?i)\bGPS:\s*([01])\b[\s,]+Sat:`)
	satellites = regexp.MustCompile(`(?i)\bSat:\s*(\d{1,2})\b`)
	latitude   = regexp.MustCompile(`(?i)\bLat:\s*([NS+-]?\d[\d.]*[NS]?)`)
	longitude  = regexp.MustCompile(`(?i)\bLong?:\s*([EW+-]?\d[\d.]*[EW]?)`)
	altitude   = regexp.MustCompile(`(?i)\bAlt:\s*([+-]?\d[\d.]*)`)
	speed      = regexp.MustCompile(`(?i)\bSpeed:\s*(\d[\d.]*)`)
	direction  = regexp.MustCompile(`(?i)\bDir:\s*(\d[\d.]*)`)
	date       = regexp.MustCompile(`(?i)\bDate:\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})`)
	clock      = regexp.MustCompile(`(?i)\bTime:\s*(\d{1,2}:\d{1,2}:\d{1,2})`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	switch codec.Group(valid, text) {
	case "":
		return nil, codec.ErrNotMine
	case "0":
		return nil, codec.ErrNoFix
	}
	position, err := codec.Place(codec.Group(latitude, text), codec.Group(longitude, text))
	if err != nil {
		return nil, err
	}
	day := strings.NewReplacer("/", "-", ".", "-").Replace(codec.Group(date, text))
	t, err := codec.Time("2006-1-2 15:4:5", day+" "+codec.Group(clock, text), zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if fix.Speed, err = codec.Speed(codec.Group(speed, text), codec.KilometrePerHour); err != nil {
		return nil, err
	}
	if fix.Course, err = codec.Course(codec.Group(direction, text)); err != nil {
		return nil, err
	}
	if s := codec.Group(altitude, text); s != "" {
		if fix.Altitude, err = codec.Number(s); err != nil {
			return nil, err
		}
	}
	if s := codec.Group(satellites, text); s != "" {
		fix.Satellites, _ = strconv.Atoi(s) // two digits
	}
	return []tracking.Fix{fix}, nil
}
