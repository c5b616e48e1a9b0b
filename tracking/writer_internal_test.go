package tracking

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLinger(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	now := epoch
	for name, c := range map[string]struct {
		last lastCommit
		want time.Duration
	}{
		"at first":                   {lastCommit{}, 0},
		"one source":                 {lastCommit{size: 1, took: 5 * ms, end: now}, 0},
		"many, just committed":       {lastCommit{size: 50, took: 5 * ms, end: now}, 5 * ms},
		"many, some time ago":        {lastCommit{size: 50, took: 5 * ms, end: now.Add(-3 * ms)}, 2 * ms},
		"a slow store":               {lastCommit{size: 50, took: time.Second, end: now}, 10 * ms},
		"many, and quiet since then": {lastCommit{size: 50, took: 5 * ms, end: now.Add(-time.Second)}, 5*ms - time.Second},
	} {
		require.Equal(t, c.want, c.last.linger(now, 10*ms), name)
	}
}
