// Package xexun reads the texts of Xexun TK102 units and their clones:
//
//	lat: 22.566901 long: 114.051258 speed: 0.00 14/08/09 06.54 F:3.85V,1,Signal:F help me imei:354776031555474 05 43.5 460 01 2533 720B
//
// The date is day/month/year in the unit's local time, speed is in km/h. F or L before the volts is a full or low battery,
// the digit behind them says whether it is being charged. Signal F is good reception and L is none: then the place is where the unit was last, which
// is no fix. An alarm stands between the signal and the IMEI. Satellites, altitude in metres and the cell come last.
package xexun

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

var (
	identity  = regexp.MustCompile(`(?i)\bimei:\s*(\d{15})\b`)
	signal    = regexp.MustCompile(`(?i)\bsignal:\s*([FL])\b`)
	said      = regexp.MustCompile(`(?i)\bsignal:\s*[FL]\b[\s,]*([^:]*?)[\s,]*\bimei:`)
	place     = regexp.MustCompile(`(?i)\blat:\s*([NS+-]?[\d.]+[NS]?)[\s,]+long?:\s*([EW+-]?[\d.]+[EW]?)`)
	speed     = regexp.MustCompile(`(?i)\bspeed:\s*([\d.]+)`)
	clock     = regexp.MustCompile(`\b(\d\d/\d\d/\d\d)[\s,]+(\d\d)[.:](\d\d)(?:[.:](\d\d))?\b`)
	supply    = regexp.MustCompile(`(?i)\b[FL]:\s*(\d+(?:\.\d+)?)V,\s*([01])\b`)
	reception = regexp.MustCompile(`(?i)\bimei:\s*\d{15}[\s,]+(\d{1,2})[\s,]+(-?\d+(?:\.\d+)?)(?:[\s,]+(\d{3})[\s,]+(\d{2,3})[\s,]+([0-9a-f]{1,8})[\s,]+([0-9a-f]{1,8}))?`)
)

// Decode implements codec.DecodeText.
func Decode(text string, zone *time.Location) ([]tracking.Fix, error) {
	imei, quality := codec.Group(identity, text), codec.Group(signal, text)
	if imei == "" || quality == "" {
		return nil, codec.ErrNotMine
	}
	warned := alarm.Word(codec.Group(said, text))
	at := place.FindStringSubmatch(text)
	if at == nil || strings.EqualFold(quality, "L") {
		return nil, codec.NoFix(warned)
	}
	position, err := codec.Place(at[1], at[2])
	if err != nil {
		if err == codec.ErrNoFix { //nolint:errorlint // Place returns it as it is
			err = codec.NoFix(warned)
		}
		return nil, err
	}
	t, err := moment(text, zone)
	if err != nil {
		return nil, err
	}
	fix := tracking.NewFix(t, position)
	if fix.Speed, err = codec.Speed(codec.Group(speed, text), codec.KilometrePerHour); err != nil {
		return nil, err
	}
	fix.Attributes = map[string]any{"imei": imei}
	if warned != "" {
		fix.Attributes["alarm"] = warned
	}
	return []tracking.Fix{complete(fix, text)}, nil
}

func moment(text string, zone *time.Location) (time.Time, error) {
	m := clock.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: "no date and time as in 14/08/09 06.54"}
	}
	seconds := m[4]
	if seconds == "" {
		seconds = "00"
	}
	return codec.Time("02/01/06 15:04:05", m[1]+" "+m[2]+":"+m[3]+":"+seconds, zone)
}

// complete adds what the text says besides.
func complete(fix tracking.Fix, text string) tracking.Fix {
	if m := supply.FindStringSubmatch(text); m != nil {
		if volts, err := codec.Number(m[1]); err == nil {
			fix.Attributes["battery_volts"] = volts
			fix.Attributes["charging"] = m[2] == "1"
		}
	}
	m := reception.FindStringSubmatch(text)
	if m == nil {
		return fix
	}
	fix.Satellites, _ = strconv.Atoi(m[1]) // two digits
	if altitude, err := codec.Number(m[2]); err == nil {
		fix.Altitude = altitude
	}
	if m[3] != "" {
		fix.Attributes["cell"] = strings.ToUpper(strings.Join(m[3:7], "-"))
	}
	return fix
}
