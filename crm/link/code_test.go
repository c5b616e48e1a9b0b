package link_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/link"
)

func TestReadCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"7K3M9Q2A": "7K3M9Q2A", " 7k3m-9q2a. ": "7K3M9Q2A", "7k3m 9q2a please": "7K3M9Q2A", "#7K3M–9Q2A！": "7K3M9Q2A",
		"７Ｋ３Ｍ９Ｑ２Ａ": "7K3M9Q2A", "oil0-abcd": "0110ABCD",
		"": "", "7K3M9Q2": "", "7K3M9Q2AB": "", "my order": "", "UUUUUUUU": "", "货物在哪里": "",
	} {
		code, ok := link.ReadCode(typed)
		require.Equal(t, want != "", ok, typed)
		if ok {
			require.Equal(t, want, code, typed)
		}
	}
}

// However a code is typed, it is read as itself.
func TestAnyWayToTypeACodeIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9A-HJKMNP-TV-Z]{8}`).Draw(t, "code")
		between := rapid.StringMatching(`[ \-.]{0,2}`)
		var typed strings.Builder
		for _, c := range code {
			typed.WriteString(between.Draw(t, "between"))
			if rapid.Bool().Draw(t, "lower") {
				c = []rune(strings.ToLower(string(c)))[0]
			}
			typed.WriteRune(c)
		}
		typed.WriteString(rapid.SampledFrom([]string{"", ".", " thanks", "！"}).Draw(t, "after"))
		read, ok := link.ReadCode(typed.String())
		require.True(t, ok, "%q", typed.String())
		require.Equal(t, code, read)
	})
}

func TestACodeHoldsAsLongAsItsLink(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	made, uri, err := w.Links.Create(t.Context(), "SO-1", crmtest.At(60), "")
	require.NoError(t, err)
	require.Len(t, made.Code, 8)

	want := link.Target{Order: "SO-1", Customer: "acme", Language: "zh", Code: made.Code}
	for _, typed := range []string{made.Code, strings.ToLower(link.ShownCode(made.Code)), uri, "see " + uri + "."} {
		found, err := w.Links.Find(t.Context(), typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, found)
	}
	_, unknown := w.Links.Find(t.Context(), "ZZZZ-ZZZZ")
	require.ErrorIs(t, unknown, crm.ErrNotFound)
	_, malformed := w.Links.Find(t.Context(), "what?")
	require.Equal(t, unknown, malformed)

	w.SetClock(crmtest.At(60))
	_, expired := w.Links.Find(t.Context(), made.Code)
	require.Equal(t, unknown, expired)

	again, _, err := w.Links.Create(t.Context(), "SO-1", time.Time{}, "")
	require.NoError(t, err)
	require.NotEqual(t, made.Code, again.Code)
	_, err = w.Links.Revoke(t.Context(), "SO-1", again.ID)
	require.NoError(t, err)
	_, revoked := w.Links.Find(t.Context(), again.Code)
	require.Equal(t, unknown, revoked)
}

func FuzzReadCode(f *testing.F) {
	f.Add("7k3m 9q2a")
	f.Add("７Ｋ３Ｍ９Ｑ２Ａ")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := link.ReadCode(typed)
		if !ok {
			return
		}
		require.Len(t, code, 8)
		again, ok := link.ReadCode(link.ShownCode(code))
		require.True(t, ok)
		require.Equal(t, code, again)
	})
}
