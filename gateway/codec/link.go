package codec

import "regexp"

var link = regexp.MustCompile(`(?i)\bhttps?://(?:www\.)?(?:maps\.google\.[a-z.]+|google\.[a-z.]+/maps)[^\s]*?[?&](?:q|ll|query)=(?:loc:)?` +
	`([NS+-]?\d{1,3}(?:\.\d+)?[NS]?)(?:,|%2C)\s*([EW+-]?\d{1,3}(?:\.\d+)?[EW]?)`)

// Link finds the place in a Google Maps link, as it is written there.
func Link(text string) (latitude, longitude string, ok bool) {
	m := link.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
