package sms

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"
	tables "github.com/warthog618/sms/encoding/gsm7/charset"

	"waybill/gateway/modem/charset"
)

// language says which national tables a GSM 7-bit text uses; 0 is the default (3GPP TS 23.038, 6.2.1.2.4).
type language struct{ locking, shift int }

// known gives the language of an identifier, or the default for one without tables.
func known(identifier byte) int {
	if id := int(identifier); id >= tables.Start && id < tables.End {
		return id
	}
	return 0
}

// content gives what segments in order say together: text, or data as soon as one of them is data. Neighbours of one
// coding are read as one, since senders cut wherever a part is full: between the halves of a surrogate pair, behind an
// escape, within a character.
func content(segs []segment) (text string, data []byte) {
	var all []byte
	binary := false
	for from := 0; from < len(segs); {
		to := from + 1
		for to < len(segs) && segs[to].Encoding == segs[from].Encoding && segs[to].language == segs[from].language {
			to++
		}
		units := make([]byte, 0, 160*(to-from))
		for _, s := range segs[from:to] {
			units = append(units, s.units...)
		}
		switch segs[from].Encoding {
		case Binary:
			binary = true
			all = append(all, units...)
		case UCS2:
			all = append(all, ucs2(units)...)
		case GSM7:
			all = append(all, gsm(units, segs[from].language)...)
		}
		from = to
	}
	if binary {
		return "", all
	}
	// Some units fill up with NUL, and PostgreSQL's text takes none.
	return strings.ReplaceAll(strings.TrimRight(string(all), "\x00"), "\x00", "\uFFFD"), nil
}

// gsm reads septets. What the tables don't have is read as the standard says: by the main table, else a blank.
func gsm(units []byte, l language) []byte {
	charset.Prepare()
	var options []gsm7.DecoderOption
	if l.locking != 0 {
		options = append(options, gsm7.WithCharset(l.locking))
	}
	if l.shift != 0 {
		options = append(options, gsm7.WithExtCharset(l.shift))
	}
	out, err := gsm7.Decode(units, options...)
	if err != nil { // Only a strict decoder has errors.
		return units
	}
	return out
}

// ucs2 reads UTF-16, big-endian, which is what phones write under that name. Half of a pair becomes U+FFFD, and takes
// nothing of its neighbour with it; a last octet without its other is dropped.
func ucs2(octets []byte) string {
	codes := make([]uint16, len(octets)/2)
	for i := range codes {
		codes[i] = binary.BigEndian.Uint16(octets[2*i:])
	}
	return strings.TrimPrefix(string(utf16.Decode(codes)), "\uFEFF")
}
