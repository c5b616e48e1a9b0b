package crmhttp

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

const (
	sessionLasts = 12 * time.Hour
	// maxForm bounds the sign-in form in bytes.
	maxForm = 8 << 10
)

// session lets a browser's cookie stand for an Authorization header, and hands the
// header on to gRPC.
func (h *Handler) session(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			if cookie, err := r.Cookie(h.cookieName(r)); err == nil && cookie.Value != "" {
				// A browser sends cookies whoever made it send the request.
				if err := h.origin.Check(r); err != nil {
					writeError(w, rpcerr.New(codes.PermissionDenied, "CROSS_ORIGIN",
						"a request with a session cookie must come from Waybill's own pages; programs send `Authorization: Bearer <token>`"))
					return
				}
				r.Header.Set("Authorization", "Bearer "+cookie.Value)
			}
		}
		w.Header().Set("Cache-Control", "no-store")
		next(w, r)
	})
}

// authorized is the context for calls in the name of who sent the header.
func authorized(ctx context.Context, header http.Header) context.Context {
	if value := header.Get("Authorization"); value != "" {
		return metadata.AppendToOutgoingContext(ctx, "authorization", value)
	}
	return ctx
}

// secure says whether the browser came by https.
func (h *Handler) secure(r *http.Request) bool { return h.Secure || r.TLS != nil }

// cookieName has the prefix that makes browsers refuse the cookie from anybody but
// this very host, where https allows it.
func (h *Handler) cookieName(r *http.Request) string {
	if h.secure(r) {
		return "__Host-waybill"
	}
	return "waybill"
}

func (h *Handler) cookie(r *http.Request, value string, age time.Duration) *http.Cookie {
	seconds := int(age / time.Second)
	if value == "" {
		seconds = -1
	}
	return &http.Cookie{ //nolint:gosec // Secure wherever the browser came by https; elsewhere it would never come back.
		Name: h.cookieName(r), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: h.secure(r), SameSite: http.SameSiteStrictMode,
	}
}

// login makes a session of a token that may see the fleet.
func (h *Handler) login(w http.ResponseWriter, r *http.Request) {
	if err := h.origin.Check(r); err != nil {
		writeError(w, rpcerr.New(codes.PermissionDenied, "CROSS_ORIGIN", "sign in on Waybill's own page, /login"))
		return
	}
	address := h.client(r)
	if wait := h.strangers.wait(address, time.Now()); wait > 0 {
		tooMany(w, wait)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		writeError(w, rpcerr.Invalid(rpcerr.Field("token", "send a form with the field token, at most 8 KiB")))
		return
	}
	next := localPath(r.PostForm.Get("next"))
	token := strings.TrimSpace(r.PostForm.Get("token"))
	problem := h.check(r.Context(), token)
	if problem == "refused" {
		h.strangers.failed(address, time.Now())
	}
	if problem != "" {
		back := url.URL{Path: "/login", RawQuery: url.Values{"problem": {problem}, "next": {next}}.Encode()}
		http.Redirect(w, r, back.String(), http.StatusSeeOther)
		return
	}
	http.SetCookie(w, h.cookie(r, token, sessionLasts))
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // localPath lets only our own paths through.
}

// check says what speaks against the token, as the sign-in page knows it.
func (h *Handler) check(ctx context.Context, token string) string {
	// What can't stand in a header, or in a cookie, is no token.
	if token == "" || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`",;\`, c) }) {
		return "refused"
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	_, err := h.Fixes.ListPositions(ctx, &trackingv1.ListPositionsRequest{PageSize: 1})
	switch status.Code(err) {
	case codes.OK:
		return ""
	case codes.Unauthenticated:
		return "refused"
	case codes.PermissionDenied:
		return "role"
	default:
		return "busy"
	}
}

func (h *Handler) logout(w http.ResponseWriter, r *http.Request) {
	if err := h.origin.Check(r); err != nil {
		writeError(w, rpcerr.New(codes.PermissionDenied, "CROSS_ORIGIN", "sign out on Waybill's own pages"))
		return
	}
	http.SetCookie(w, h.cookie(r, "", 0))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath is the path when it is one of ours, else the fleet's: nobody is sent
// elsewhere by a link to the sign-in page.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/fleet"
	}
	return path
}

// tooMany answers who tried too many wrong secrets.
func tooMany(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	writeError(w, rpcerr.New(codes.ResourceExhausted, "TOO_MANY_FAILURES", "too many wrong attempts from this address; wait and try again"))
}
