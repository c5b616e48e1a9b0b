package modem

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTextIDTellsTextsApart(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC)
	id := textID("460001", "+86138", sent, []string{"00aa", "00bb"})
	require.Len(t, id, 64)
	require.Equal(t, id, textID("460001", "+86138", sent.In(time.FixedZone("", 8*3600)), []string{"00AA", "00BB"}), "the same moment and bytes")

	seen := map[string]bool{id: true}
	for _, other := range []string{
		textID("460002", "+86138", sent, []string{"00aa", "00bb"}),
		textID("460001", "+86139", sent, []string{"00aa", "00bb"}),
		textID("460001", "+86138", sent.Add(time.Second), []string{"00aa", "00bb"}),
		textID("460001", "+86138", time.Time{}, []string{"00aa", "00bb"}),
		textID("460001", "+86138", sent, []string{"00aa"}),
		textID("460001", "+86138", sent, []string{"00aa00bb"}),
		textID("460001+", "86138", sent, []string{"00aa", "00bb"}),
		textID("460001", "+86138", sent, strings.Split("00,aa00,bb", ",")),
	} {
		require.False(t, seen[other])
		seen[other] = true
	}
}
