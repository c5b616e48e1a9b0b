package emulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLengthOfATPDU(t *testing.T) {
	t.Parallel()
	for pdu, want := range map[string]int{
		"0000FFFF":                 3, // no number of a centre
		"07916831080020F500FFFF":   3, // seven octets of one
		"0791683108":               5, // that ends within it
		"":                         0,
		"ZZ00":                     2,
		"0":                        0,
		"07916831080020F5":         0, // a centre and nothing behind it
		"07916831080020F500FFFFAB": 4,
	} {
		require.Equal(t, want, tpduLength(pdu), pdu)
	}
}
