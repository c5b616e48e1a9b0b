package sms_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/ucs2"

	"waybill/gateway/modem/sms"
)

// frame is an SMS-DELIVER written by hand, field by field.
type frame struct {
	first  byte   // Beside the header's bit.
	sender string // Hexadecimal; +8613800138000 when empty.
	scheme byte
	stamp  string // Hexadecimal; 2026-09-13 14:50:40 +08 when empty.
	header string // Hexadecimal, without its length.
	text   []byte // Septets, one a byte, or octets.
	octets bool   // Text is octets.
	behind string // Hexadecimal, behind the user data.
}

func (f frame) pdu() string {
	header, _ := hex.DecodeString(f.header)
	if len(header) > 0 {
		header = append([]byte{byte(len(header))}, header...) //nolint:gosec // an octet at most
		f.first |= 0x40
	}
	length, data := len(header)+len(f.text), append(header, f.text...)
	if !f.octets {
		before := (len(header)*8 + 6) / 7
		length = before + len(f.text)
		data = append(header, gsm7.Pack7Bit(f.text, before*7-len(header)*8)...)
	}
	orElse := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	return "00" + hex.EncodeToString([]byte{f.first}) + orElse(f.sender, "0d91683108108300f0") + "00" + hex.EncodeToString([]byte{f.scheme}) +
		orElse(f.stamp, "62903141050423") + hex.EncodeToString(append([]byte{byte(length)}, data...)) + f.behind //nolint:gosec // an octet at most
}

func wide(s string) []byte { return ucs2.Encode([]rune(s)) }

// TestDecodeWhateverLiesInAMemory has what a SIM was seen to hold, and what the standards allow it to.
func TestDecodeWhateverLiesInAMemory(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 9, 13, 6, 50, 40, 0, time.UTC)
	for name, c := range map[string]struct {
		frame
		want sms.Part
	}{
		"default alphabet":             {frame{text: []byte("WHERE#")}, sms.Part{Text: "WHERE#"}},
		"its extension":                {frame{text: []byte("\x1b<a\x1b>\x1b\x65")}, sms.Part{Text: "[a]€"}},
		"an escape that means nothing": {frame{text: []byte("a\x1bzb\x1b")}, sms.Part{Text: "azb "}},
		"flash":                        {frame{scheme: 0x10, text: []byte("help me")}, sms.Part{Text: "help me"}},
		"flash, in the class group":    {frame{scheme: 0xf0, text: []byte("help me")}, sms.Part{Text: "help me"}},
		"for the SIM":                  {frame{scheme: 0xf2, text: []byte("x")}, sms.Part{Text: "x"}},
		"to be deleted by itself":      {frame{scheme: 0x40, text: []byte("x")}, sms.Part{Text: "x"}},
		"a voice message waits":        {frame{scheme: 0xc8, text: []byte("x")}, sms.Part{Text: "x"}},
		"a voice message waits, UCS-2": {frame{scheme: 0xe0, text: wide("货"), octets: true}, sms.Part{Encoding: sms.UCS2, Text: "货"}},
		"Turkish single shift":         {frame{header: "240101", text: []byte("\x1bS\x1bs\x1bI\x1bi\x1bG\x1bg")}, sms.Part{Text: "ŞşİıĞğ"}},
		"Turkish locking shift":        {frame{header: "250101", text: []byte("\x0b\x0c\x40\x60\x1c\x1d\x04")}, sms.Part{Text: "ĞğİçŞş€"}},
		"Spanish single shift":         {frame{header: "240102", text: []byte("\x1b\x41\x1b\x49\x1bo")}, sms.Part{Text: "ÁÍó"}},
		"Portuguese, both":             {frame{header: "240103250103", text: []byte("\x0b\x1b\x0b")}, sms.Part{Text: "ÔÔ"}},
		"Hindi locking shift":          {frame{header: "250106", text: []byte("\x03\x27")}, sms.Part{Text: "अत"}},
		"a language without tables":    {frame{header: "24017f2501ff", text: []byte("a\x1b<")}, sms.Part{Text: "a["}},
		"UCS-2":                        {frame{scheme: 0x08, text: wide("货在哪里 🚚"), octets: true}, sms.Part{Encoding: sms.UCS2, Text: "货在哪里 🚚"}},
		"UCS-2 with a mark of order":   {frame{scheme: 0x08, text: wide("\uFEFFa"), octets: true}, sms.Part{Encoding: sms.UCS2, Text: "a"}},
		"UCS-2 with half a pair":       {frame{scheme: 0x08, text: append([]byte{0xd8, 0x3d}, wide("ab")...), octets: true}, sms.Part{Encoding: sms.UCS2, Text: "\uFFFDab"}},
		"UCS-2 with half a character":  {frame{scheme: 0x08, text: append(wide("ab"), 0x4e), octets: true}, sms.Part{Encoding: sms.UCS2, Text: "ab"}},
		"UCS-2 filled up":              {frame{scheme: 0x18, text: wide("a\x00b\x00\x00"), octets: true}, sms.Part{Encoding: sms.UCS2, Text: "a\uFFFDb"}},
		"data":                         {frame{scheme: 0x04, text: []byte{4, 0, 0xff}, octets: true}, sms.Part{Encoding: sms.Binary, Data: []byte{4, 0, 0xff}}},
		"data, in the class group":     {frame{scheme: 0xf5, text: []byte{4, 0, 0xff}, octets: true}, sms.Part{Encoding: sms.Binary, Data: []byte{4, 0, 0xff}}},
		"data for a port":              {frame{scheme: 0x04, header: "05040b8423f0", text: []byte{1}, octets: true}, sms.Part{Encoding: sms.Binary, Data: []byte{1}}},
		"a reserved alphabet":          {frame{scheme: 0x0c, text: []byte("x")}, sms.Part{Text: "x"}},
		"a reserved group":             {frame{scheme: 0x80, text: []byte("x")}, sms.Part{Text: "x"}},
		"a reserved type":              {frame{first: 3, text: []byte("x")}, sms.Part{Text: "x"}},
		"nothing":                      {frame{}, sms.Part{}},
		"fill behind it":               {frame{text: []byte("x"), behind: "ffffff"}, sms.Part{Text: "x"}},
		"a header that breaks off":     {frame{header: "0804", text: []byte("x")}, sms.Part{Text: "x"}},
		"part 3 of 2":                  {frame{header: "0003070203", text: []byte("x")}, sms.Part{Text: "x"}},
		"part 0":                       {frame{header: "0003070200", text: []byte("x")}, sms.Part{Text: "x"}},
		"the only part":                {frame{header: "0003070101", text: []byte("x")}, sms.Part{Text: "x"}},
		"part 1 of 3":                  {frame{header: "0003070301", text: []byte("x")}, sms.Part{Text: "x", Concat: sms.Concat{Reference: 7, Total: 3, Number: 1}}},
		"part 1 of 3, 16 bit":          {frame{header: "080401070301", text: []byte("x")}, sms.Part{Text: "x", Concat: sms.Concat{Reference: 263, Wide: true, Total: 3, Number: 1}}},
		"both, the later counts":       {frame{header: "0003070301080401080202", text: []byte("x")}, sms.Part{Text: "x", Concat: sms.Concat{Reference: 264, Wide: true, Total: 2, Number: 2}}},
		"a name":                       {frame{sender: "09d0d7705e9c06", text: []byte("x")}, sms.Part{From: "Waybi", Text: "x"}},
		"a number of the country":      {frame{sender: "05a10180f6", text: []byte("x")}, sms.Part{From: "10086", Text: "x"}},
		"a number without its fill":    {frame{sender: "0591018006", text: []byte("x")}, sms.Part{From: "+10086", Text: "x"}},
		"nobody":                       {frame{sender: "0080", text: []byte("x")}, sms.Part{From: "-", Text: "x"}},
		"west of Greenwich":            {frame{stamp: "6290314105040a", text: []byte("x")}, sms.Part{Text: "x", SentTime: time.Date(2026, 9, 13, 19, 50, 40, 0, time.UTC)}},
		"Nepal, a quarter past":        {frame{stamp: "62903141050432", text: []byte("x")}, sms.Part{Text: "x", SentTime: time.Date(2026, 9, 13, 9, 5, 40, 0, time.UTC)}},
		"a clock that was never set":   {frame{stamp: "00000000000000", text: []byte("x")}, sms.Part{Text: "x", SentTime: time.Time{}.Add(1)}},
		"a clock that is none":         {frame{stamp: "ffffffffffffff", text: []byte("x")}, sms.Part{Text: "x", SentTime: time.Time{}.Add(1)}},
		"a 31st of April":              {frame{stamp: "62401341050423", text: []byte("x")}, sms.Part{Text: "x", SentTime: time.Time{}.Add(1)}},
		"of the last century":          {frame{stamp: "99903141050400", text: []byte("x")}, sms.Part{Text: "x", SentTime: time.Date(1999, 9, 13, 14, 50, 40, 0, time.UTC)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := c.want
			switch want.From {
			case "":
				want.From = "+8613800138000"
			case "-":
				want.From = ""
			}
			switch want.SentTime {
			case time.Time{}:
				want.SentTime = sent
			case time.Time{}.Add(1):
				want.SentTime = time.Time{}
			}
			if want.Concat == (sms.Concat{}) {
				want.Concat = sms.Concat{Total: 1, Number: 1}
			}
			got, err := sms.Decode(c.pdu())
			require.NoError(t, err, c.pdu())
			require.Equal(t, want, got)
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, pdu := range []string{"", "00", "0", "zz", "07911326040000F004", strings.Repeat("F", 400)} {
		_, err := sms.Decode(pdu)
		require.Error(t, err, pdu)
	}
	for name, f := range map[string]frame{
		"compressed":                    {scheme: 0x20, text: []byte("x")},
		"a reserved group that is data": {scheme: 0x84, text: []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, octets: true},
		"a header over its end":         {first: 0x40, text: []byte{0xff, 1}, octets: true, scheme: 4},
	} {
		_, err := sms.Decode(f.pdu())
		require.ErrorIs(t, err, sms.ErrPDU, name)
	}
	whole := frame{text: []byte("not all of it")}.pdu()
	for end := range len(whole) / 2 {
		_, err := sms.Decode(whole[:2*end])
		require.ErrorIs(t, err, sms.ErrPDU, whole[:2*end])
	}
	_, err := sms.Decode("0006550B911346610089F620806291731408208062917314080000") // A status report.
	require.ErrorIs(t, err, sms.ErrNotReceived)
	_, err = sms.Decode(frame{first: 1, text: []byte("x")}.pdu())
	require.ErrorIs(t, err, sms.ErrNotReceived)
}

// TestJoinAcrossACut: senders cut wherever a part is full.
func TestJoinAcrossACut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		frames []frame
		text   string
		data   []byte
	}{
		"between the halves of a pair": {
			[]frame{{scheme: 8, text: wide("🚚")[:2], octets: true}, {scheme: 8, text: append(wide("🚚")[2:], wide("!")...), octets: true}}, "🚚!", nil,
		},
		"within a character": {
			[]frame{{scheme: 8, text: wide("货物")[:3], octets: true}, {scheme: 8, text: wide("货物")[3:], octets: true}}, "货物", nil,
		},
		"behind an escape": {[]frame{{text: []byte("a\x1b")}, {text: []byte("\x65")}}, "a€", nil},
		"in two alphabets": {
			[]frame{{text: []byte("truck ")}, {scheme: 8, text: wide("🚚"), octets: true}, {text: []byte(".")}}, "truck 🚚.", nil,
		},
		"data": {[]frame{{scheme: 4, text: []byte{1, 0}, octets: true}, {scheme: 4, text: []byte{0, 2}, octets: true}}, "", []byte{1, 0, 0, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pdus []string
			for _, f := range c.frames {
				pdus = append(pdus, f.pdu())
			}
			got, err := sms.Join(pdus)
			require.NoError(t, err)
			require.Equal(t, c.text, got.Text)
			require.Equal(t, c.data, got.Data)
		})
	}
	_, err := sms.Join(nil)
	require.ErrorIs(t, err, sms.ErrPDU)
}
