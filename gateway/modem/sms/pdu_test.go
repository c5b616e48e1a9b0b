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

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, pdu := range []string{"", "00", "0", "zz", "07911326040000F004", strings.Repeat("F", 400)} {
		_, err := sms.Decode(pdu)
		require.Error(t, err, pdu)
		require.True(t, strings.Contains(err.Error(), "PDU") || strings.Contains(err.Error(), "not a received"), pdu)
	}
	_, err := sms.Decode("0006550B911346610089F620806291731408208062917314080000") // A status report.
	require.ErrorIs(t, err, sms.ErrNotReceived)
}

// TestAssembleInAnyOrder: whatever order parts lie in, with whatever missing or twice, a text comes out whole or waits.
func TestAssembleInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		enc := deliveries()
		sent := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		texts := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("abc {€}货物🚚\n@")), 1, 400, -1), 1, 5).Draw(t, "texts")
		missing := rapid.Bool().Draw(t, "missing")
		var all []sms.Stored
		want := map[string]int{}
		waiting := 0
		for i, text := range texts {
			parts := stored(t, enc, text, sent, 100*i)
			if missing && len(parts) > 1 {
				parts = parts[1:]
				waiting += len(parts)
			} else {
				want[text]++
			}
			all = append(all, parts...)
		}
		if rapid.Bool().Draw(t, "twice") && len(all) > 0 && waiting == 0 && len(texts) == 1 && len(all) > 1 {
			again := all[len(all)-1]
			again.Slot.Index = 9999
			all = append(all, again)
		}
		total := len(all)
		got := sms.Assemble(rapid.Permutation(all).Draw(t, "order"))
		require.Empty(t, got.Broken)
		require.Len(t, got.Waiting, waiting)
		for _, m := range got.Whole {
			require.Positive(t, want[m.Text], "unexpected text %q", m.Text)
			want[m.Text]--
			total -= len(m.Stored)
		}
		for text, n := range want {
			require.Zero(t, n, text)
		}
		require.Equal(t, waiting, total, "every slot is accounted for once")
	})
}

func TestPartsOfAReferenceUsedAgain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("old ", 60)
	longer := strings.Repeat("new ", 60)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	old := stored(t, deliveries(), long, at, 1)
	fresh := stored(t, deliveries(), longer, at.Add(72*time.Hour), 10)
	got := sms.Assemble(append(old[:1], fresh...))
	require.Len(t, got.Whole, 1)
	require.Equal(t, longer, got.Whole[0].Text)
	require.Equal(t, old[:1], got.Waiting)
}

func TestWhatWasWrittenHereIsLeftAlone(t *testing.T) {
	t.Parallel()
	all := stored(t, deliveries(), "x", time.Now(), 1)
	all[0].Status = sms.Unsent
	require.Equal(t, sms.Sorted{}, sms.Assemble(all))
}

func FuzzDecode(f *testing.F) {
	f.Add("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
	f.Add("0006550B911346610089F620806291731408208062917314080000")
	f.Add("00440B911346610089F60008208062917314080C0500030102014E004F00")
	f.Fuzz(func(t *testing.T, pdu string) {
		part, err := sms.Decode(pdu)
		if err == nil {
			require.LessOrEqual(t, len(part.Text), 160*3)
			require.LessOrEqual(t, part.Concat.Number, part.Concat.Total)
		}
		sms.Assemble([]sms.Stored{{PDU: pdu}, {PDU: pdu}})
	})
}
