package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBadInputIsKeptWithItsReason sends everything that can be wrong with a
// message, and a good one after each.
func TestBadInputIsKeptWithItsReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	big := filepath.Join(t.TempDir(), "big")
	require.NoError(t, os.WriteFile(big, []byte(strings.Repeat("x", 5<<20)), 0o600))
	now := time.Now()
	minute := now.Add(-time.Hour).Truncate(time.Minute)
	topic := "owntracks/" + w.device + "/phone"

	// own gives the arguments of a publish by the world's device.
	own := func(more ...string) []string {
		return append([]string{"-u", w.device, "-P", w.password, "-t", topic}, more...)
	}
	w.publish(t, ownTracks(minute, 120.1, 31.1))

	cases := []struct {
		name, reason string
		args         []string
	}{
		{"unknown device", "wrong_password", []string{"-u", "nobody", "-P", "x", "-t", "owntracks/nobody/phone", "-m", ownTracks(now, 1, 1)}},
		{"wrong password", "wrong_password", []string{"-u", w.device, "-P", "wrong", "-t", topic, "-m", ownTracks(now, 1, 1)}},
		{"another device's topic", "foreign_topic", []string{"-u", w.device, "-P", w.password, "-q", "1", "-t", "owntracks/unit-2/phone", "-m", ownTracks(now, 1, 1)}},
		{"truncated JSON", "", own("-q", "1", "-m", `{"_type":"location","tst":17000`)},
		{"latitude 91", "position_out_of_range", own("-q", "1", "-m", ownTracks(now, 120, 91))},
		{"date in 2099", "time_in_future", own("-q", "1", "-m", ownTracks(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), 120, 31))},
		{"5 MB payload", "payload_too_large", own("-q", "1", "-f", big)},
		{"two fixes of one minute", "conflicting_fix", own("-q", "1", "-m", ownTracks(minute, 120.2, 31.2))},
	}
	for i, c := range cases {
		before := reasons(w.rejected(t))
		// How the client takes it is its own business: a refused connection is an
		// error, a rejected publish is acknowledged.
		_, _ = w.tryMosquittoPub(t, c.args...)
		after := reasons(w.rejected(t))
		if c.reason != "" {
			require.Greater(t, after[c.reason], before[c.reason], c.name)
		}
		require.Greater(t, total(after), total(before), c.name)

		// The next good message is unaffected.
		w.publish(t, ownTracks(now.Add(time.Duration(i-len(cases))*time.Second), 120.5+float64(i)/100, 31.3))
	}
	// QoS 2 and retained messages are fixes like all others.
	for i, more := range [][]string{{"-q", "2"}, {"-q", "1", "-r"}} {
		w.mosquittoPub(t, own(append(more, "-m", ownTracks(now.Add(time.Duration(i+1)*time.Second), 120.8, 31.3))...)...)
	}
	var stored int
	require.NoError(t, w.pool(t).QueryRow(t.Context(), `select count(*) from tracking.position`).Scan(&stored))
	require.Equal(t, 1+len(cases)+2, stored)
	for _, r := range w.rejected(t) {
		require.NotEmpty(t, r.Detail, "%s says nothing to a person", r.Reason)
	}
}

func reasons(all []rejectedInput) map[string]int {
	counts := make(map[string]int)
	for _, r := range all {
		counts[r.Reason] += r.Count
	}
	return counts
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}
