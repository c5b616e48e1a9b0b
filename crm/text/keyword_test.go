package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/crm/interaction"
	"waybill/crm/text"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]text.Request{
		"TRACK 7K3M-9Q2A":    {Topic: interaction.Track, Language: "en", Code: "7K3M-9Q2A"},
		" track:7k3m 9q2a\n": {Topic: interaction.Track, Language: "en", Code: "7k3m 9q2a"},
		"Track7k3m9q2a":      {Topic: interaction.Track, Language: "en", Code: "7k3m9q2a"},
		"TRACKING #7K3M9Q2A": {Topic: interaction.Track, Language: "en", Code: "7K3M9Q2A"},
		"ＴＲＡＣＫ　７Ｋ３Ｍ９Ｑ２Ａ":     {Topic: interaction.Track, Language: "en", Code: "7K3M9Q2A"},
		"track":                  {Topic: interaction.Track, Language: "en"},
		"查询 7K3M-9Q2A":           {Topic: interaction.Track, Language: "zh", Code: "7K3M-9Q2A"},
		"查询7k3m9q2a":             {Topic: interaction.Track, Language: "zh", Code: "7k3m9q2a"},
		"追踪：7K3M9Q2A。":           {Topic: interaction.Track, Language: "zh", Code: "7K3M9Q2A"},
		"查询订单 7K3M9Q2A":          {Topic: interaction.Track, Language: "zh", Code: "7K3M9Q2A"},
		"STOP":                   {Topic: interaction.Stop, Language: "en"},
		" s t o p! ":             {Topic: interaction.Stop, Language: "en"},
		"\"Stop.\"":              {Topic: interaction.Stop, Language: "en"},
		"unsubscribe":            {Topic: interaction.Stop, Language: "en"},
		"退订":                     {Topic: interaction.Stop, Language: "zh"},
		"td":                     {Topic: interaction.Stop, Language: "zh"},
		"Start":                  {Topic: interaction.Start, Language: "en"},
		"订阅。":                    {Topic: interaction.Start, Language: "zh"},
		"help?":                  {Topic: interaction.Help, Language: "en"},
		"帮助":                     {Topic: interaction.Help, Language: "zh"},
		"TRACK https://a.b/t/xY": {Topic: interaction.Track, Language: "en", Code: "https://a.b/t/xY"},
	} {
		got, ok := text.Read(body)
		require.True(t, ok, body)
		require.Equal(t, want, got, body)
	}
	for _, body := range []string{
		"", "  ", "Stop at the gate, please", "starting tomorrow", "Tracks were muddy", "where is my order?", "不要退订", "订阅号", "\xff\xfe",
	} {
		_, ok := text.Read(body)
		require.False(t, ok, body)
	}
}

// Case, spaces and signs around and in a keyword change nothing.
func TestKeywordsAreForgiving(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"STOP", "UNSUBSCRIBE", "START", "HELP", "退订", "订阅", "TRACK", "查询", "追踪"}).Draw(t, "word")
		want, ok := text.Read(word)
		require.True(t, ok)
		filler := rapid.StringMatching(`[ .,!?"'\n]{0,3}`)
		var body strings.Builder
		body.WriteString(filler.Draw(t, "filler"))
		tracked := want.Topic == interaction.Track
		for _, c := range word {
			if rapid.Bool().Draw(t, "lower") {
				c = []rune(strings.ToLower(string(c)))[0]
			}
			body.WriteRune(c)
			if !tracked {
				body.WriteString(filler.Draw(t, "filler"))
			}
		}
		if tracked {
			body.WriteString(" 7K3M9Q2A")
			want.Code = "7K3M9Q2A"
		}
		got, ok := text.Read(body.String() + filler.Draw(t, "filler"))
		require.True(t, ok, "%q", body.String())
		require.Equal(t, want, got, "%q", body.String())
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"TRACK 7k3m-9q2a", "查询7K3M9Q2A", " s t o p", "退订", "\xff\xc0", "ｔｒａｃｋ", "tracK"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, ok := text.Read(body)
		if !ok {
			require.Equal(t, text.Request{}, got)
			return
		}
		require.NotEmpty(t, got.Topic)
		require.Contains(t, []string{"en", "zh"}, got.Language)
		require.True(t, utf8.ValidString(got.Code))
		again, ok := text.Read(" " + body + " ")
		if len(body) < 1000 {
			require.True(t, ok)
			require.Equal(t, got, again)
		}
	})
}
