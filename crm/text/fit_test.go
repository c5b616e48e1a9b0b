package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm/text"
)

func TestParts(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2,
		strings.Repeat("货", 70): 1, strings.Repeat("货", 71): 2, strings.Repeat("货", 134): 2, strings.Repeat("货", 135): 3,
		strings.Repeat("🚚", 35): 1, strings.Repeat("🚚", 36): 2,
	} {
		require.Equal(t, want, text.Count(body), body)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Zürich": "Zürich", "Ürümqi’s Chạm": "Ürümqi's Cham", "Łódź": "Łódź", "苏州": "苏州", "Besançon": "Besancon",
	} {
		require.Equal(t, want, text.Fold(given))
	}
}

func TestFixedAnswersFitAndAskNothing(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "zh"} {
		for _, answer := range text.Fixed(language) {
			require.True(t, text.Fits(answer), answer)
			require.Equal(t, 1, text.Count(answer), answer)
			_, asks := text.Read(answer)
			require.False(t, asks, answer)
		}
	}
}
