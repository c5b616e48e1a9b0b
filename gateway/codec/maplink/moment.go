package maplink

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
)

var (
	// Teltonika: D:17/1/9 T:12:52:30 is 9 January 2017.
	ggps = regexp.MustCompile(`\bD:(\d\d/\d{1,2}/\d{1,2})\s+T:(\d{1,2}:\d\d:\d\d)`)

	// A date with four digits of a year first can be read in one way only, with or without Queclink's D before it.
	dated = regexp.MustCompile(`(?:^|[^0-9A-Za-z]|D)(\d{4}[-/]\d\d[-/]\d\d)[T ](\d\d:\d\d(?::\d\d)?)\s?(Z|[+-]\d\d:\d\d)?`)
)

// moment finds the time that the text tells.
func moment(text string, zone *time.Location) (time.Time, error) {
	if m := ggps.FindStringSubmatch(text); m != nil {
		return codec.Time("06/1/2 15:04:05", m[1]+" "+m[2], zone)
	}
	m := dated.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: "a map link without a time that can be read in one way: it may be the last known place"}
	}
	clock := m[2]
	if len(clock) == len("15:04") {
		clock += ":00"
	}
	layout, said := "2006-01-02 15:04:05", strings.ReplaceAll(m[1], "/", "-")+" "+clock
	if m[3] != "" {
		layout, said = layout+"Z07:00", said+m[3]
	}
	return codec.Time(layout, said, zone)
}
