package crmhttp

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"waybill/crm"
	"waybill/crm/link"
)

// maxSecret bounds what is looked up as the secret of a link, in bytes.
const maxSecret = 128

// linked resolves the link of the path and hands on what it shows. Whatever is wrong
// with a link, the answer is the one for a page that there isn't.
func (h *Handler) linked(next func(http.ResponseWriter, *http.Request, link.Target)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, err := h.resolve(r)
		switch {
		case errors.Is(err, crm.ErrNotFound):
			h.stranger(w, r)
		case err != nil:
			h.Log.WarnContext(r.Context(), "a tracking link can't be looked up", slog.String("error", err.Error()))
			writeError(w, unavailable())
		default:
			next(w, r, target)
		}
	})
}

// stranger answers for a wrong link. Only wrong ones have to wait: a right one always
// opens, whatever others behind the same address have tried.
func (h *Handler) stranger(w http.ResponseWriter, r *http.Request) {
	address, now := h.client(r), time.Now()
	if wait := h.strangers.wait(address, now); wait > 0 {
		tooMany(w, wait)
		return
	}
	h.strangers.failed(address, now)
	h.missing(w, r)
}

func (h *Handler) resolve(r *http.Request) (link.Target, error) {
	secret := r.PathValue("token")
	if len(secret) > maxSecret {
		return link.Target{}, crm.NotFound("the tracking link")
	}
	return h.Links.Resolve(r.Context(), secret)
}

// linkPage answers with the page, in the customer's language. It is the same for
// every order; it asks for its own.
func (h *Handler) linkPage(w http.ResponseWriter, r *http.Request, target link.Target) {
	h.shells.send(w, r, "track", languageOf(r, target.Language), http.StatusOK)
}

// linkLocation answers with what the order is and where.
func (h *Handler) linkLocation(w http.ResponseWriter, r *http.Request, target link.Target) {
	view, err := h.viewOf(r.Context(), target)
	if err == nil {
		var body []byte
		if body, err = view.locate(r.Context(), h.Orders); err == nil {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(body)
			return
		}
	}
	h.Log.WarnContext(r.Context(), "an order can't be located for its link",
		slog.String("order", target.Order), slog.String("error", err.Error()))
	writeError(w, unavailable())
}
