package crmhttp

import (
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/fleet?x=1", "//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example", "/%2f/evil"} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "http", Host: "waybill.example"}
	f.Fuzz(func(t *testing.T, path string) {
		got := localPath(path)
		u, err := base.Parse(got)
		require.NoError(t, err)
		require.Equal(t, base.Host, u.Host)
		require.Equal(t, byte('/'), got[0])
		require.NotContains(t, got, `\`, "browsers read it as a slash")
	})
}

func FuzzParseBox(f *testing.F) {
	f.Add("1,2,3,4")
	f.Add("-180,-90,180,90")
	f.Add("1,2,3")
	f.Add("NaN,0,Inf,0")
	f.Fuzz(func(t *testing.T, text string) {
		box, err := parseBox(text)
		require.Equal(t, err != nil, box == nil)
		for _, edge := range []float64{box.GetWest(), box.GetSouth(), box.GetEast(), box.GetNorth()} {
			require.LessOrEqual(t, math.Abs(edge), 180.0)
		}
	})
}

func TestLimiterIsBounded(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	now := time.Unix(1_700_000_000, 0)
	address := netip.MustParseAddr("10.0.0.0")
	for range maxAddresses + 1000 {
		address = address.Next()
		l.failed(address, now)
	}
	require.LessOrEqual(t, len(l.until), maxAddresses)
	require.Contains(t, l.until, network(address), "the newest is remembered")
}

func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	l := newLimiter()
	now := time.Unix(1_700_000_000, 0)
	subscriber := netip.MustParseAddr("2001:db8::1")
	for range failuresAtOnce {
		require.Zero(t, l.wait(subscriber, now))
		l.failed(subscriber, now)
	}
	require.Equal(t, failureEvery, l.wait(subscriber, now))
	require.Equal(t, failureEvery, l.wait(netip.MustParseAddr("2001:db8::ffff"), now), "a subscriber has a whole /64")
	require.Zero(t, l.wait(netip.MustParseAddr("2001:db8:0:1::1"), now))
	require.Zero(t, l.wait(subscriber, now.Add(failureEvery)))
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{ //nolint:gosec // No credentials: the word stands for one.
		"/t/secret":          "/t/{token}",
		"/t/secret/location": "/t/{token}/location",
		"/t/secret/x/secret": "/t/{token}",
		"/v1/orders":         "/v1/orders",
	} {
		require.Equal(t, want, redacted(path))
	}
}

// deadlines is a connection that remembers its deadline.
type deadlines struct {
	*httptest.ResponseRecorder
	last time.Time
	set  int
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.last = at
	d.set++
	return nil
}

// Over HTTP/2 a deadline ends a stream even while nobody writes.
func TestStreamsHaveDeadlinesOnlyWhileTheyWrite(t *testing.T) {
	t.Parallel()
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	s := &eventStream{w: w, control: http.NewResponseController(w)}
	require.NoError(t, s.beat())
	require.NotZero(t, w.set)
	require.Zero(t, w.last)
}
