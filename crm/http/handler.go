package crmhttp

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Handler is the whole HTTP face.
type Handler struct {
	Options
	root      http.Handler
	shells    *shells
	origin    *http.CrossOriginProtection
	strangers *limiter // asked before a link or a token is looked up
	streams   *streams

	// stopping is closed by stop: open streams end then.
	stopping chan struct{}
	stop     func()
}

// New returns the handler of everything.
func New(options Options) (*Handler, error) {
	h := &Handler{
		Options:   options.withDefaults(),
		origin:    http.NewCrossOriginProtection(),
		strangers: newLimiter(),
		stopping:  make(chan struct{}),
	}
	h.streams = newStreams(h.MaxStreams, h.MaxStreamsEach)
	h.stop = sync.OnceFunc(func() { close(h.stopping) })
	var err error
	if h.shells, err = readShells(h.Pages, h.LiveAge); err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	h.root = h.logged(h.bounded(hardened(h.routes())))
	return h, nil
}

// ServeHTTP answers.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.root.ServeHTTP(w, r) }

// Stop ends the open streams, so that a server can shut down; browsers come back to
// the next one.
func (h *Handler) Stop() { h.stop() }

func (h *Handler) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/fleet", http.StatusFound)
	})
	mux.HandleFunc("GET /fleet", h.page("fleet"))
	mux.HandleFunc("GET /login", h.page("login"))
	mux.HandleFunc("POST /login", h.login)
	mux.HandleFunc("POST /logout", h.logout)
	mux.Handle("GET /assets/", assets(h.Pages))
	mux.HandleFunc("GET /openapi.json", h.openAPI)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "User-agent: *\nDisallow: /\n")
	})

	mux.Handle("GET /t/{token}", h.linked(h.linkPage))
	mux.Handle("GET /t/{token}/location", h.linked(h.linkLocation))
	mux.Handle("GET /t/{token}/events", h.linked(h.linkEvents))

	mux.Handle("GET /v1/positions:watch", h.session(h.watchPositions))
	mux.Handle("GET /v1/customers/{customer}/positions:watch", h.session(h.watchCustomer))
	mux.Handle("GET /v1/orders/{order}/location:watch", h.session(h.watchLocation))
	mux.Handle("GET /v1/devices/{device}/track", h.session(h.deviceTrack))
	mux.Handle("GET /v1/vehicles/{vehicle}/track", h.session(h.vehicleTrack))
	mux.Handle("/v1/", h.session(h.API.ServeHTTP))
	mux.HandleFunc("/", h.missing)
	return mux
}

func (h *Handler) openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(h.OpenAPI)
}
