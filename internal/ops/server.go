package ops

import (
	"log/slog"
	"net/http"
	"time"
)

const (
	// headerWithin is how long a client may take for the head of a request, and
	// idleFor how long a connection is kept for the next one.
	headerWithin = 10 * time.Second
	idleFor      = 2 * time.Minute
	// largestHead bounds the head of a request in bytes.
	largestHead = 16 << 10
)

// NewServer returns a server whose limits suit streams that stay open for hours:
// bodies and answers have their deadlines where they are read and written.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor, MaxHeaderBytes: largestHead,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
