package maplink

import (
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
)

// A date with four digits of a year first can be read in one way only.
var dated = regexp.MustCompile(`(?i)(?:^|[^0-9A-Za-z])(\d{4}[-/]\d\d[-/]\d\d)[T ](\d\d:\d\d(?::\d\d)?)\s?(Z|[+-]\d\d:\d\d)?`)

// moment finds the time that the text tells.
func moment(text string, zone *time.Location) (time.Time, error) {
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
		layout, said = layout+"Z07:00", said+strings.ToUpper(m[3])
	}
	return codec.Time(layout, said, zone)
}
