package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long anything in a browser may take on a slow machine.
const patience = 60 * time.Second

// Browser is one browser process, ended with its test.
type Browser struct {
	ctx context.Context //nolint:containedctx // chromedp keeps the browser in it.
}

// Start starts a browser, or skips the test where there is none.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("there is no Chromium or Chrome on PATH; `scripts/setup test` installs it")
	}
	scratch := scratchDir(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		// Chromium refuses its sandbox to root, and containers rarely allow it.
		chromedp.NoSandbox,
		chromedp.UserDataDir(filepath.Join(scratch, "profile")),
		// Chromium leaves a directory for its sockets in there when it is ended.
		chromedp.Env("TMPDIR="+scratch),
		// Maps need WebGL; without a graphics card it is done in software.
		chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WSURLReadTimeout(patience),
	)
	// The test's own context ends before its cleanups; the browser is closed in one.
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeBrowser()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browsertest: start %s: %v", path, err)
	}
	return &Browser{ctx: ctx}
}

// scratchDir is a directory of the test's, with a name short enough for the sockets in it.
func scratchDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "browser-") //nolint:usetesting // t.TempDir has the test's name in it
	if err != nil {
		t.Fatalf("browsertest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
