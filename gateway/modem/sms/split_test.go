package sms_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	wsms "github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
	"pgregory.net/rapid"

	"waybill/gateway/modem/sms"
)

// submitted reads parts as the network does.
func submitted(t require.TestingT, parts []sms.Submission) []*tpdu.TPDU {
	all := make([]*tpdu.TPDU, len(parts))
	for i, p := range parts {
		pdu, err := pdumode.UnmarshalHexString(p.PDU)
		require.NoError(t, err)
		require.Len(t, pdu.TPDU, p.Length)
		require.LessOrEqual(t, p.Length, 164, "a TPDU of the standard")
		all[i], err = wsms.Unmarshal(pdu.TPDU, wsms.AsMO)
		require.NoError(t, err)
	}
	return all
}

// TestSplitTextsAreJoinedAgain: whatever is written, the receiver reads it, each part is whole by itself, and the cost
// is what was told.
func TestSplitTextsAreJoinedAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		alphabet := rapid.SampledFrom([]string{"abc {€}[]~^\\|", "abc货物🚚\n@", "0123456789 ", "🚚🏭👩‍🚒é"}).Draw(t, "alphabet")
		text := rapid.StringOfN(rapid.RuneFrom([]rune(alphabet)), 1, 900, -1).Draw(t, "text")
		reference := rapid.IntRange(0, 1<<20).Draw(t, "reference")
		parts, err := sms.Split("+8613800138000", text, sms.Terms{Reference: reference, Report: true, Validity: time.Hour})
		require.NoError(t, err)
		again, err := sms.Split("+8613800138000", text, sms.Terms{Reference: reference, Report: true, Validity: time.Hour})
		require.NoError(t, err)
		require.Equal(t, parts, again, "what is sent later fits what was sent before")

		cost, err := sms.Estimate(text)
		require.NoError(t, err)
		require.Len(t, parts, cost.Parts)
		pdus := submitted(t, parts)
		for i, p := range pdus {
			require.Equal(t, "+8613800138000", p.DA.Number())
			require.NotZero(t, p.FirstOctet&tpdu.FoSRR)
			require.Equal(t, time.Hour, p.VP.Duration)
			if len(pdus) > 1 {
				total, number, ref, ok := p.ConcatInfo()
				require.True(t, ok)
				require.Equal(t, []int{len(pdus), i + 1, reference & 0xff}, []int{total, number, ref})
			}
			p.UDH = nil // As a phone does that shows each part as it comes.
			alone, err := wsms.Decode([]*tpdu.TPDU{p})
			require.NoError(t, err, "no character is cut in two")
			require.True(t, utf8.Valid(alone))
			require.NotContains(t, string(alone), "\uFFFD")
		}
		joined, err := wsms.Decode(submitted(t, parts))
		require.NoError(t, err)
		require.Equal(t, text, string(joined))
	})
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want sms.Cost
	}{
		{"where#", sms.Cost{Encoding: sms.GSM7, Characters: 6, Parts: 1}},
		{strings.Repeat("a", 160), sms.Cost{Encoding: sms.GSM7, Characters: 160, Parts: 1}},
		{strings.Repeat("a", 161), sms.Cost{Encoding: sms.GSM7, Characters: 161, Parts: 2}},
		{strings.Repeat("a", 306), sms.Cost{Encoding: sms.GSM7, Characters: 306, Parts: 2}},
		{strings.Repeat("a", 307), sms.Cost{Encoding: sms.GSM7, Characters: 307, Parts: 3}},
		{"{}€", sms.Cost{Encoding: sms.GSM7, Characters: 6, Parts: 1}},
		{strings.Repeat("a", 152) + strings.Repeat("{", 77), sms.Cost{Encoding: sms.GSM7, Characters: 306, Parts: 3}}, // An escape is not cut off.
		{"货", sms.Cost{Encoding: sms.UCS2, Characters: 1, Parts: 1}},
		{strings.Repeat("货", 70), sms.Cost{Encoding: sms.UCS2, Characters: 70, Parts: 1}},
		{strings.Repeat("货", 71), sms.Cost{Encoding: sms.UCS2, Characters: 71, Parts: 2}},
		{"货🚚", sms.Cost{Encoding: sms.UCS2, Characters: 3, Parts: 1}},
		{strings.Repeat("货", 66) + "🚚" + strings.Repeat("货", 66), sms.Cost{Encoding: sms.UCS2, Characters: 134, Parts: 3}}, // The emoji is not cut in half.
	} {
		got, err := sms.Estimate(c.text)
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.text)
	}
	_, err := sms.Estimate("")
	require.ErrorIs(t, err, sms.ErrEmpty)
	_, err = sms.Estimate(strings.Repeat("货", 67*16+1))
	require.ErrorIs(t, err, sms.ErrTooLong)
}

func TestSplitRefusesWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"", "+", "Operator", "+86 138", "+4915112345678901234567"} {
		_, err := sms.Split(to, "x", sms.Terms{})
		require.ErrorIs(t, err, sms.ErrNumber, to)
	}
	_, err := sms.Split("10086", "x", sms.Terms{})
	require.NoError(t, err)
}

func TestValidityIsNeverLonger(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		time.Minute: 5 * time.Minute, 9 * time.Minute: 5 * time.Minute, 10 * time.Minute: 10 * time.Minute, 14 * time.Minute: 10 * time.Minute,
		time.Hour: time.Hour, 13 * time.Hour: 13 * time.Hour, 24 * time.Hour: 24 * time.Hour, 50 * time.Hour: 48 * time.Hour,
	} {
		parts, err := sms.Split("+8613800138000", "x", sms.Terms{Validity: asked})
		require.NoError(t, err)
		require.Equal(t, want, submitted(t, parts)[0].VP.Duration, asked)
	}
}

func TestDecodeReport(t *testing.T) {
	t.Parallel()
	// As a modem prints it: reference 0x55, to +31641600986, taken and delivered 2002-08-26 19:37:41 UTC.
	got, err := sms.DecodeReport("0006550B911346610089F6208062917314082080629173140800")
	require.NoError(t, err)
	require.Equal(t, sms.Report{
		Reference: 0x55, Recipient: "+31641600986", SentTime: time.Date(2002, 8, 26, 19, 37, 41, 0, time.UTC),
		ReportTime: time.Date(2002, 8, 26, 19, 37, 41, 0, time.UTC),
	}, got)
	_, err = sms.DecodeReport("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
	require.ErrorIs(t, err, sms.ErrNotReport)
	for _, pdu := range []string{"", "00", "0006", "zz", hex.EncodeToString([]byte("nonsense"))} {
		_, err := sms.DecodeReport(pdu)
		require.Error(t, err, pdu)
	}
	for status, fate := range map[sms.ReportStatus]sms.Fate{
		0: sms.Arrived, 1: sms.Arrived, 0x1f: sms.Arrived, 0x20: sms.Pending, 0x3f: sms.Pending, 0x40: sms.Lost, 0x46: sms.Lost, 0x60: sms.Lost, 0xff: sms.Lost,
	} {
		require.Equal(t, fate, status.Fate(), status)
		require.NotEmpty(t, status.String())
	}
}

func FuzzDecodeReport(f *testing.F) {
	f.Add("0006550B911346610089F6208062917314082080629173140800")
	f.Add("0006550B911346610089F620806291731408208062917314080003000005")
	f.Add("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
	f.Fuzz(func(t *testing.T, pdu string) {
		report, err := sms.DecodeReport(pdu)
		if err == nil {
			require.LessOrEqual(t, report.Reference, 255)
			require.NotEmpty(t, report.Status.String())
		}
	})
}
