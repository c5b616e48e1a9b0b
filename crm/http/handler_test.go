package crmhttp_test

import (
	"io/fs"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	crmhttp "waybill/crm/http"
	"waybill/web"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, path := range []string{"/fleet", "/login", "/t/none", "/openapi.json", "/v1/positions", "/assets/none.js"} {
		response, _ := get(t, s, path, nil)
		require.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'self'", path)
		require.Equal(t, "no-referrer", response.Header.Get("Referrer-Policy"), path)
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	needsPages(t)
	s := start(t, nil)
	scripts, err := fs.Glob(web.Files(), "assets/track-*.js.gz")
	require.NoError(t, err)
	require.Len(t, scripts, 1)
	path := "/" + strings.TrimSuffix(scripts[0], ".gz")

	response, plain := get(t, s, path, http.Header{"Accept-Encoding": {"identity"}})
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Empty(t, response.Header.Get("Content-Encoding"))
	require.Equal(t, "text/javascript; charset=utf-8", response.Header.Get("Content-Type"))
	require.Contains(t, response.Header.Get("Cache-Control"), "immutable")
	response, packed := get(t, s, path, http.Header{"Accept-Encoding": {"br, gzip;q=0.8"}})
	require.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	require.Less(t, len(packed), len(plain))

	// The open sea is no error; anything else that is missing is one.
	response, _ = get(t, s, "/assets/basemap-abc/6/0/0.pbf", nil)
	require.Equal(t, http.StatusNoContent, response.StatusCode)
	for _, missing := range []string{"/assets/none.js", "/assets/", "/assets/..%2f..%2fweb.go"} {
		response, _ = get(t, s, missing, nil)
		require.Equal(t, http.StatusNotFound, response.StatusCode, missing)
		require.NotContains(t, response.Header.Get("Cache-Control"), "immutable", missing)
	}
}

func TestPagesThatAreNotBuilt(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *crmhttp.Options) { o.Pages = fstest.MapFS{} })
	response, body := get(t, s, "/fleet", nil)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.Contains(t, body, "make build")
	response, _ = get(t, s, "/openapi.json", nil)
	require.Equal(t, http.StatusOK, response.StatusCode)
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	s := start(t, func(o *crmhttp.Options) {
		o.MaxBody = 10
		o.API = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, err := r.Body.Read(make([]byte, 100))
			failed <- err
		})
	})
	ask(t, s, http.MethodPost, "/v1/orders", nil, strings.NewReader(strings.Repeat("x", 100)))
	var tooLarge *http.MaxBytesError
	require.ErrorAs(t, <-failed, &tooLarge)
}

func TestClientBehindProxies(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *crmhttp.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	get(t, s, "/fleet", http.Header{"X-Forwarded-For": {"203.0.113.9, 198.51.100.7, 127.0.0.2"}})
	require.Contains(t, s.logs.String(), `"client":"198.51.100.7"`, "what the client says of itself is not believed")
	s = start(t, nil)
	get(t, s, "/fleet", http.Header{"X-Forwarded-For": {"203.0.113.9"}})
	require.Contains(t, s.logs.String(), `"client":"127.0.0.1"`)
}
