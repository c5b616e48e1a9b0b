package rpc

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A process that goes away moves its own devices and no others; one that joins takes
// devices, and gives none from one to another.
func TestOnlyTheShareMoves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9.]{1,12}:[0-9]{2,5}`), 2, 6, rapid.ID[string]).Draw(t, "names")
		all := make([]candidate, len(names))
		for i, name := range names {
			all[i] = candidate{reachable, seed(name)}
		}
		gone := rapid.IntRange(0, len(all)-1).Draw(t, "gone")
		rest := slices.Clone(all)
		rest[gone].reach = rapid.SampledFrom([]reach{away, doubtful}).Draw(t, "how")
		for n := range 200 {
			device := fmt.Sprint("unit-", n)
			before, after := choose(device, all), choose(device, rest)
			require.NotEqual(t, gone, after)
			if before != gone {
				require.Equal(t, before, after)
			}
		}
	})
}

func TestSharesAreEven(t *testing.T) {
	t.Parallel()
	var processes []candidate
	for _, name := range []string{"10.0.0.2:9090", "10.0.0.3:9090", "10.0.0.4:9090"} {
		processes = append(processes, candidate{reachable, seed(name)})
	}
	shares := make([]int, len(processes))
	for n := range 9_000 {
		shares[choose(fmt.Sprintf("unit-%05d", n), processes)]++
	}
	for _, share := range shares {
		require.InDelta(t, 3_000, share, 300)
	}
}

func TestDoubtfulIsBetterThanNone(t *testing.T) {
	t.Parallel()
	require.Equal(t, 1, choose("a", []candidate{{away, 1}, {doubtful, 2}}))
	require.Equal(t, -1, choose("a", []candidate{{away, 1}, {away, 2}}))
}
