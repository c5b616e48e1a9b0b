package ops_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/internal/ops"
)

func TestReadyzSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	var broken error
	notes := []string{"usb-A is unplugged"}
	mux := http.NewServeMux()
	ops.Register(mux, prometheus.NewRegistry(),
		ops.Check{Name: "database", Probe: func(context.Context) error { return broken }},
		ops.Check{Name: "modems", Probe: func(context.Context) error { return nil }, Notes: func() []string { return notes }})

	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w
	}
	w := get("/readyz")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"ready":true,"checks":{"database":"ok","modems":"ok"},"notes":{"modems":["usb-A is unplugged"]}}`, w.Body.String())
	require.Equal(t, http.StatusOK, get("/metrics").Code)

	broken = errors.New("no server at the socket; see that PostgreSQL runs")
	notes = nil
	w = get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.JSONEq(t, `{"ready":false,"checks":{"database":"no server at the socket; see that PostgreSQL runs","modems":"ok"}}`, w.Body.String())
	require.Equal(t, http.StatusOK, get("/livez").Code, "a process without its database still lives")
}
