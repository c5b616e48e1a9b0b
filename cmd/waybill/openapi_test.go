package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/proto"
)

func TestTheOpenAPIDocumentIsWhatIsServed(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths               map[string]map[string]json.RawMessage
		Security            []map[string][]string
		SecurityDefinitions map[string]struct{ Type, Name, In string }
	}
	require.NoError(t, json.Unmarshal(proto.OpenAPI(), &document))
	require.Len(t, document.Security, 1)
	for name := range document.Security[0] {
		require.Equal(t, "Authorization", document.SecurityDefinitions[name].Name)
	}
	require.Greater(t, len(document.Paths), 30)

	mux := wired(t).mux
	// Nobody serves gRPC here: what has a method ends with the context, and what has
	// none is told so before.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parameter := regexp.MustCompile(`\{[a-z][A-Za-z]*\}`)
	for path, methods := range document.Paths {
		require.NotContains(t, path, "{name", "paths are written out")
		for method := range methods {
			r := httptest.NewRequestWithContext(ctx, strings.ToUpper(method), parameter.ReplaceAllString(path, "x"), http.NoBody)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			require.Contains(t, w.Body.String(), `"CANCELED"`, "%s %s", method, path)
		}
	}
}
