// Package nmea reads NMEA 0183 RMC sentences in a text, of any talker (GP, GN, GL, BD ...), wherever in it they stand:
//
//	$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A
//
// Time is UTC. A sentence marked V says that the receiver has no fix.
package nmea

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	gonmea "github.com/adrianmo/go-nmea"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// maxSentences bounds what one text may hold; 24 sentences are already 12 concatenated parts.
const maxSentences = 64

var sentence = regexp.MustCompile(`\$[A-Z]{2}RMC,[^$*\r\n]*(?:\*[0-9A-Fa-f]{2})?`)

// Decode implements codec.DecodeText. Of several sentences those with a fix are given; a broken one makes the whole text
// an *Error, so that it is seen.
func Decode(text string, _ *time.Location) ([]tracking.Fix, error) {
	found := sentence.FindAllString(text, maxSentences)
	if len(found) == 0 {
		return nil, codec.ErrNotMine
	}
	var fixes []tracking.Fix
	for _, s := range found {
		fix, ok, err := read(s)
		if err != nil {
			return nil, err
		}
		if ok {
			fixes = append(fixes, fix)
		}
	}
	if len(fixes) == 0 {
		return nil, codec.ErrNoFix
	}
	return fixes, nil
}

// read gives the fix in a sentence, or false when the receiver had none.
func read(raw string) (fix tracking.Fix, ok bool, err error) {
	if !strings.Contains(raw, "*") {
		return fix, false, &codec.Error{Reason: codec.ReasonChecksum, Detail: "the sentence has no checksum: it may be cut off"}
	}
	var parser gonmea.SentenceParser // One of our own: the package's is a global behind a lock.
	parsed, err := parser.Parse(raw)
	if err != nil {
		reason := codec.ReasonSyntax
		if strings.Contains(err.Error(), "checksum") {
			reason = codec.ReasonChecksum
		}
		return fix, false, &codec.Error{Reason: reason, Detail: err.Error()}
	}
	rmc, is := parsed.(gonmea.RMC)
	switch {
	case !is:
		return fix, false, &codec.Error{Reason: codec.ReasonSyntax, Detail: "not an RMC sentence"}
	case rmc.Validity != gonmea.ValidRMC:
		return fix, false, nil
	}
	t, err := moment(rmc.Date, rmc.Time)
	if err != nil {
		return fix, false, err
	}
	position, err := codec.Point(strconv.FormatFloat(rmc.Latitude, 'f', -1, 64), strconv.FormatFloat(rmc.Longitude, 'f', -1, 64))
	if err != nil {
		return fix, false, err
	}
	if codec.IsNowhere(position) {
		return fix, false, nil
	}
	fix = tracking.NewFix(t, position)
	// The parser gives 0 for what is not there; an empty field means unknown.
	if rmc.Fields[6] != "" {
		fix.Speed = rmc.Speed * codec.Knot
	}
	if rmc.Fields[7] != "" {
		fix.Course = rmc.Course
	}
	if fix.Speed < 0 || math.IsInf(fix.Speed, 0) || fix.Course < 0 || fix.Course > 360 {
		return fix, false, &codec.Error{Reason: codec.ReasonNumber, Detail: "speed " + rmc.Fields[6] + ", course " + rmc.Fields[7]}
	}
	return fix, true, nil
}

// moment joins date and time. Two digits of a year below 80 are of this century: GPS began in 1980.
func moment(d gonmea.Date, c gonmea.Time) (time.Time, error) {
	if !d.Valid || !c.Valid {
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: "date or time is missing"}
	}
	year := 2000 + d.YY
	if d.YY >= 80 {
		year = 1900 + d.YY
	}
	t := time.Date(year, time.Month(d.MM), d.DD, c.Hour, c.Minute, c.Second, c.Millisecond*int(time.Millisecond), time.UTC)
	if t.Day() != d.DD || int(t.Month()) != d.MM || c.Hour > 23 || c.Minute > 59 || c.Second > 60 {
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: d.String() + " " + c.String()}
	}
	return t, nil
}
