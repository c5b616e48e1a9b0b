package crmhttp_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	crmhttp "waybill/crm/http"
)

func TestLinkShowsItsOrderAndNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() { s.at = onTheRoad(time.Now()) })
	response, body := get(t, s, "/t/"+goodLink+"/location", nil)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))

	var view map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &view))
	require.Equal(t, "SO-1001", view["order"])
	require.Equal(t, "PO 4500-7781", view["reference"])
	require.Len(t, view["lines"], 2)
	require.Equal(t, map[string]any{"code": "7K3M-9Q2A", "number": "+8613800001111"}, view["text"])
	require.Contains(t, body, `"displayName":"Truck 7"`)
	for _, name := range []string{"vehicles/", "customers/", "sites/", "acme", "truck-7", "unit-7"} {
		require.NotContains(t, body, name, "a link must not name other resources")
	}
}

func TestLinkHidesVehicleAfterHandOver(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() {
		s.at = onTheRoad(time.Now())
		s.at.Shipments[0].Stage = 4 // Delivered, and the vehicle's position still in it.
	})
	_, body := get(t, s, "/t/"+goodLink+"/location", nil)
	require.NotContains(t, body, "121.06")
	require.NotContains(t, body, "Kunshan")
}

func TestLinkThatDoesNotHoldIsAPageThatThereIsNot(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() { s.at = onTheRoad(time.Now()) })
	_, missing := get(t, s, "/no/such/page", nil)
	_, unknown := get(t, s, "/t/unknown", nil)
	s.change(func() { s.gone = true })
	for _, path := range []string{"", "/location", "/events"} {
		response, body := get(t, s, "/t/"+goodLink+path, nil)
		require.Equal(t, http.StatusNotFound, response.StatusCode)
		require.Equal(t, missing, body)
		require.Equal(t, unknown, body)
	}
}

func TestWrongLinksAreSlowedByAddress(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() { s.at = onTheRoad(time.Now()) })
	codes := make(map[int]int)
	for range 30 {
		response, _ := get(t, s, "/t/guess", nil)
		codes[response.StatusCode]++
		if response.StatusCode == http.StatusTooManyRequests {
			require.NotEmpty(t, response.Header.Get("Retry-After"))
		}
	}
	require.Equal(t, 20, codes[http.StatusNotFound])
	require.Equal(t, 10, codes[http.StatusTooManyRequests])
	response, _ := get(t, s, "/t/"+goodLink+"/location", nil)
	require.Equal(t, http.StatusOK, response.StatusCode, "a right link opens, whatever others behind the address have tried")
}

func TestLinkPageIsInTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	needsPages(t)
	s := start(t, nil)
	s.change(func() { s.at, s.language = onTheRoad(time.Now()), "zh-Hans" })
	response, body := get(t, s, "/t/"+goodLink, http.Header{"Accept-Language": {"en"}})
	require.Contains(t, body, `<html lang="zh-CN"`)
	require.Contains(t, body, `data-live-age="120"`)
	_, body = get(t, s, "/t/"+goodLink+"?lang=en", nil)
	require.Contains(t, body, `<html lang="en"`)

	etag := response.Header.Get("ETag")
	require.NotEmpty(t, etag)
	response, body = get(t, s, "/t/"+goodLink, http.Header{"If-None-Match": {etag}})
	require.Equal(t, http.StatusNotModified, response.StatusCode)
	require.Empty(t, body)
}

func TestLinkEvents(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	now := time.Now()
	s.change(func() { s.at = onTheRoad(now) })
	events := listen(t, s, "/t/"+goodLink+"/events", nil)
	require.Equal(t, "text/event-stream", events.response.Header.Get("Content-Type"))
	first := events.next(t)
	require.Contains(t, first["data"], "121.06")
	require.NotEmpty(t, first["id"])

	s.change(func() { s.at = delivered(now) })
	second := events.next(t)
	require.Contains(t, second["data"], "STAGE_DELIVERED")

	// Who comes back knowing the present state is told only what comes after.
	again := listen(t, s, "/t/"+goodLink+"/events", http.Header{"Last-Event-ID": {second["id"]}})
	s.change(func() { s.at = onTheRoad(now) })
	require.Equal(t, first["id"], again.next(t)["id"])

	s.change(func() { s.gone = true })
	for _, open := range []*eventReader{events, again} {
		for {
			if event := open.next(t); event["event"] == "gone" {
				break
			}
		}
		require.False(t, open.lines.Scan(), "the stream ends with its link")
	}
}

func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() { s.at = onTheRoad(time.Now()) })
	link := listen(t, s, "/t/"+goodLink+"/events", nil)
	fleet := listen(t, s, "/v1/positions:watch", bearer(dispatcher))
	link.next(t)
	fleet.next(t)
	s.handler.Stop()
	for _, open := range []*eventReader{link, fleet} {
		for open.lines.Scan() { // Until the server ends it.
		}
		require.NoError(t, open.lines.Err())
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *crmhttp.Options) { o.MaxStreams = 1 })
	s.change(func() { s.at = onTheRoad(time.Now()) })
	listen(t, s, "/t/"+goodLink+"/events", nil).next(t)
	response, _ := get(t, s, "/t/"+goodLink+"/events", nil)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
}

func TestWhoOpensTooManyStreamsIsRefusedAlone(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *crmhttp.Options) { o.MaxStreamsEach = 1 })
	s.change(func() { s.at = onTheRoad(time.Now()) })
	listen(t, s, "/t/"+goodLink+"/events", nil).next(t)
	response, _ := get(t, s, "/t/"+goodLink+"/events", nil)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	listen(t, s, "/v1/positions:watch", bearer(dispatcher)).next(t)
}

func TestNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() { s.at = onTheRoad(time.Now()) })
	for _, path := range []string{"", "/location", "/x", "?lang=en"} {
		get(t, s, "/t/"+goodLink+path, nil)
	}
	get(t, s, "/v1/positions?token="+dispatcher, bearer(dispatcher))
	require.Contains(t, s.logs.String(), "/t/{token}/location")
	require.NotContains(t, s.logs.String(), goodLink)
	require.NotContains(t, s.logs.String(), dispatcher)
}

// eventReader is an open stream.
type eventReader struct {
	response *http.Response
	lines    *bufio.Scanner
}

func listen(t *testing.T, s server, path string, header http.Header) *eventReader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	require.NoError(t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	require.Equal(t, http.StatusOK, response.StatusCode)
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 4<<20)
	return &eventReader{response: response, lines: lines}
}

// next is the next event that says something.
func (e *eventReader) next(t *testing.T) map[string]string {
	t.Helper()
	event := make(map[string]string)
	for e.lines.Scan() {
		line := e.lines.Text()
		if line == "" && event["data"] != "" {
			return event
		}
		if name, value, ok := strings.Cut(line, ": "); ok && name != "" {
			event[name] = value
		}
	}
	require.Fail(t, "the stream ended", "%v", e.lines.Err())
	return nil
}
