package browsertest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/internal/browsertest"
)

const page = `<!doctype html><html><title>x</title>
<input id="name"><button onclick="document.documentElement.dataset.said = document.getElementById('name').value">say</button>
<p id="look"></p>
<script>
  document.getElementById("look").textContent = [
    innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, new Intl.DateTimeFormat().resolvedOptions().timeZone,
  ].join(" ");
  document.documentElement.dataset.ready = "true";
  console.error("a problem");
</script>`

func TestPage(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(server.Close)
	open := browsertest.Start(t).Open(t, server.URL, browsertest.Look{Width: 390, Height: 844, Dark: true, Zone: "Asia/Shanghai"})
	open.WaitReady()
	require.Equal(t, "390 true Asia/Shanghai", open.Text("#look"))

	open.Type("#name", "it's \"me\"")
	open.Click("button")
	open.WaitFor(`document.documentElement.dataset.said`)
	require.Equal(t, `it's "me"`, open.Data("said"))
	require.Equal(t, []string{"console: \"a problem\""}, open.Problems())
	require.Equal(t, []string{server.Listener.Addr().String()}, open.Hosts())

	picture := filepath.Join(t.TempDir(), "a", "page.png")
	open.Screenshot(picture)
	info, err := os.Stat(picture)
	require.NoError(t, err)
	require.Positive(t, info.Size())
}
