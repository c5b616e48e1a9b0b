package crmhttp

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

const (
	// bodyWithin is how long a client may take to send a body, and answerWithin until
	// it has our answer. What takes longer moves its deadline as it goes.
	bodyWithin   = time.Minute
	answerWithin = 5 * time.Minute
	// policy lets pages load from here only. Styles may be inline because the map
	// places its markers by them, and the map's worker may start from a blob.
	policy = "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; " +
		"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

// hardened sets what browsers are to refuse on our behalf. No address is told to
// anybody: that of a tracking page is a secret.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("X-Robots-Tag", "noindex")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if r.TLS != nil {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// bounded bounds the body in size and in time, and the answer in time.
func (h *Handler) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Also in place of what the request before on this connection has left.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWithin))
		if r.Body != nil && r.Body != http.NoBody {
			// A connection that knows no deadlines (a test's recorder) has none.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin))
			r.Body = http.MaxBytesReader(w, r.Body, h.MaxBody)
		}
		next.ServeHTTP(w, r)
	})
}

// logged writes a line for each request. Neither query nor headers are in it, and
// no link's secret.
func (h *Handler) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &recorder{ResponseWriter: w}
		next.ServeHTTP(recorder, r)
		level := slog.LevelInfo
		switch {
		case recorder.status >= http.StatusInternalServerError:
			level = slog.LevelWarn
		case strings.HasPrefix(r.URL.Path, "/assets/"):
			level = slog.LevelDebug
		}
		h.Log.LogAttrs(r.Context(), level, "http request",
			slog.String("method", r.Method),
			slog.String("path", redacted(r.URL.Path)),
			slog.Int("status", recorder.status),
			slog.Int64("bytes", recorder.bytes),
			slog.Duration("took", time.Since(start)),
			slog.String("client", h.client(r).String()))
	})
}

// redacted is the path without the secret that a link has in it.
func redacted(path string) string {
	rest, ok := strings.CutPrefix(path, "/t/")
	if !ok {
		return path
	}
	if _, after, found := strings.Cut(rest, "/"); found && (after == "location" || after == "events") {
		return "/t/{token}/" + after
	}
	return "/t/{token}"
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader remembers the status.
func (r *recorder) WriteHeader(status int) {
	// 1xx announce that more comes.
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
