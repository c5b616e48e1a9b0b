package sms_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	wsms "github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
	"pgregory.net/rapid"

	"waybill/gateway/modem/charset"
	"waybill/gateway/modem/sms"
)

// deliveries is an encoder of what a unit sends.
func deliveries() *wsms.Encoder {
	charset.Prepare()
	return wsms.NewEncoder(wsms.AsDeliver, wsms.From("+8613800138000"))
}

// stored gives a message's parts as a SIM would hold them, in slots from first.
func stored(t require.TestingT, enc *wsms.Encoder, content string, sent time.Time, first int, opts ...wsms.EncoderOption) []sms.Stored {
	parts, err := enc.Encode([]byte(content), opts...)
	require.NoError(t, err)
	all := make([]sms.Stored, len(parts))
	for i, p := range parts {
		p.SCTS = tpdu.Timestamp{Time: sent}
		raw, err := p.MarshalBinary()
		require.NoError(t, err)
		all[i] = sms.Stored{Slot: sms.Slot{Memory: sms.SIM, Index: first + i}, PDU: "00" + strings.ToUpper(hex.EncodeToString(raw))}
	}
	return all
}

func TestDecode(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("", 8*3600)
	sent := time.Date(2026, 9, 13, 14, 50, 40, 0, east)
	one := func(content string, opts ...wsms.EncoderOption) string {
		return stored(t, deliveries(), content, sent, 1, opts...)[0].PDU
	}
	for _, c := range []struct {
		name string
		pdu  string
		want sms.Part
	}{
		{
			"as printed in the PDU literature", "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
			sms.Part{From: "+31641600986", SentTime: time.Date(2002, 8, 26, 19, 37, 41, 0, time.UTC), Text: "How are you?"},
		},
		{"default alphabet with extension", one("[a]{b}|~^\\ € @Δ"), sms.Part{Text: "[a]{b}|~^\\ € @Δ"}},
		{"UCS-2", one("货在哪里 🚚"), sms.Part{Encoding: sms.UCS2, Text: "货在哪里 🚚"}},
		{"8-bit data", one("\x00\xff\x01", wsms.As8Bit), sms.Part{Encoding: sms.Binary, Data: []byte{0, 0xff, 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.want.From == "" {
				c.want.From, c.want.SentTime = "+8613800138000", sent.UTC()
			}
			c.want.Concat = sms.Concat{Total: 1, Number: 1}
			got, err := sms.Decode(c.pdu)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// TestWhatIsCutIsJoined: whatever is sent in parts is read whole, and each part by itself says where it belongs.
func TestWhatIsCutIsJoined(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sent := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abc {€}货物🚚\n@")), 1, 400, -1).Draw(t, "text")
		parts := stored(t, deliveries(), text, sent, 0)
		sorted := sms.Sort(rapid.Permutation(parts).Draw(t, "order"))
		require.Empty(t, sorted.Broken)
		require.Len(t, parts, len(sorted.Whole)+len(sorted.Parts))
		pdus := make([]string, len(parts))
		for i, p := range parts {
			pdus[i] = p.PDU
		}
		for i, p := range sorted.Parts { // Of one time, so by their numbers.
			require.Equal(t, i+1, p.Concat.Number)
			require.Equal(t, parts[i], p.Stored)
		}
		got, err := sms.Join(pdus)
		require.NoError(t, err)
		require.Equal(t, text, got.Text)
		require.Equal(t, sent, got.SentTime)
	})
}

func TestWhatWasWrittenHereIsLeftAlone(t *testing.T) {
	t.Parallel()
	all := stored(t, deliveries(), "x", time.Now(), 1)
	all[0].Status = sms.Unsent
	require.Equal(t, sms.Sorted{Own: all}, sms.Sort(all))
	all[0].Status = 17
	require.Len(t, sms.Sort(all).Whole, 1, "a modem's own word for what came")
}

func FuzzDecode(f *testing.F) {
	f.Add("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
	f.Add("0006550B911346610089F620806291731408208062917314080000")
	f.Add("00440B911346610089F60008208062917314080C0500030102014E004F00")
	f.Fuzz(func(t *testing.T, pdu string) {
		part, err := sms.Decode(pdu)
		if err == nil {
			require.LessOrEqual(t, len(part.Text), 255*3)
			require.LessOrEqual(t, part.Concat.Number, part.Concat.Total)
		}
		if _, err := sms.Join([]string{pdu, pdu}); err != nil {
			require.Error(t, err)
		}
	})
}
