package crmhttp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

// shell is a page as it is sent: the same for everybody who reads its language.
type shell struct {
	body []byte
	etag string
}

// shells are the pages, ready to send.
type shells struct {
	// byName has them by page and language.
	byName map[string]map[string]shell
}

// readShells reads the pages that were built. Of each there is one a language: what
// the build left on <html> is replaced.
func readShells(pages fs.FS, liveAge time.Duration) (*shells, error) {
	s := &shells{byName: make(map[string]map[string]shell)}
	for _, name := range []string{"track", "fleet", "login", "missing"} {
		built, err := fs.ReadFile(pages, name+".html")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		s.byName[name] = make(map[string]shell)
		for _, lang := range []string{english, chinese} {
			body := bytes.Replace(built, []byte(`<html lang="en"`), fmt.Appendf(nil, `<html lang=%q`, lang), 1)
			body = bytes.Replace(body, []byte(`data-live-age="300"`), fmt.Appendf(nil, `data-live-age="%.0f"`, liveAge.Seconds()), 1)
			digest := sha256.Sum256(body)
			s.byName[name][lang] = shell{body: body, etag: `"` + hex.EncodeToString(digest[:12]) + `"`}
		}
	}
	return s, nil
}

// send answers with a page.
func (s *shells) send(w http.ResponseWriter, r *http.Request, name, lang string, status int) {
	page, ok := s.byName[name][lang]
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	if !ok {
		header.Set("Cache-Control", "no-store")
		if status == http.StatusOK {
			status = http.StatusServiceUnavailable
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(notBuilt))
		return
	}
	// Kept by the reader's own browser, and asked for again each time: a page that
	// names new assets must not wait.
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Content-Language", lang)
	header.Set("Vary", "Accept-Language")
	if status != http.StatusOK {
		w.WriteHeader(status)
		_, _ = w.Write(page.body)
		return
	}
	header.Set("ETag", page.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page.body))
}

// page answers with a page that is for everybody; what it loads asks who one is.
func (h *Handler) page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h.shells.send(w, r, name, languageOf(r, ""), http.StatusOK)
	}
}

// missing answers for what is not here. A link that does not hold gets the same.
func (h *Handler) missing(w http.ResponseWriter, r *http.Request) {
	h.shells.send(w, r, "missing", languageOf(r, ""), http.StatusNotFound)
}

// notBuilt stands in for pages in a binary that was built without them.
const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Waybill</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 16vh auto; padding: 0 1.25rem }</style>
<h1>The pages are not built into this binary</h1>
<p>Build it with them: <code>make build</code> (needs Node.js 18 or newer with npm). The API under <code>/v1/</code> works without.</p>
</html>
`
