package crmhttp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	crmhttp "waybill/crm/http"
)

func signIn(t *testing.T, s server, form url.Values, header http.Header) answer {
	t.Helper()
	header = header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, _ := ask(t, s, http.MethodPost, "/login", header, strings.NewReader(form.Encode()))
	return response
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	response := signIn(t, s, url.Values{"token": {" " + dispatcher + "\n"}, "next": {"/fleet?x=1"}}, nil)
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Equal(t, "/fleet?x=1", response.Header.Get("Location"))
	require.Len(t, response.Cookies(), 1)
	cookie := response.Cookies()[0]
	require.True(t, cookie.HttpOnly)
	require.False(t, cookie.Secure, "over plain HTTP a secure cookie would never come back")
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)

	// The cookie stands for the header.
	withCookie := http.Header{"Cookie": {cookie.Name + "=" + cookie.Value}}
	response, _ = get(t, s, "/v1/positions", withCookie)
	require.Equal(t, http.StatusOK, response.StatusCode)
	response, _ = get(t, s, "/v1/positions", nil)
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)

	response, _ = ask(t, s, http.MethodPost, "/logout", withCookie, nil)
	require.Equal(t, -1, response.Cookies()[0].MaxAge)
}

func TestSignInSecure(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *crmhttp.Options) { o.Secure = true })
	cookie := signIn(t, s, url.Values{"token": {dispatcher}}, nil).Cookies()[0]
	require.True(t, cookie.Secure)
	require.Equal(t, "__Host-waybill", cookie.Name)
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ token, problem string }{
		"unknown":             {"nobody", "refused"},
		"empty":               {"", "refused"},
		"not a header value":  {"a\r\nb", "refused"},
		"may not see a fleet": {customer, "role"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := signIn(t, start(t, nil), url.Values{"token": {c.token}}, nil)
			require.Equal(t, http.StatusSeeOther, response.StatusCode)
			require.Contains(t, response.Header.Get("Location"), "problem="+c.problem)
			require.Empty(t, response.Cookies())
		})
	}
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "fleet", "/\tx"} {
		response := signIn(t, s, url.Values{"token": {dispatcher}, "next": {next}}, nil)
		require.Equal(t, "/fleet", response.Header.Get("Location"), next)
	}
}

func TestCookieRequestsMustBeFromOurPages(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 10)
	s := start(t, func(o *crmhttp.Options) {
		o.API = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} })
	})
	cookie := signIn(t, s, url.Values{"token": {dispatcher}}, nil).Cookies()[0]
	post := func(header http.Header) int {
		header.Set("Cookie", cookie.Name+"="+cookie.Value)
		response, _ := ask(t, s, http.MethodPost, "/v1/vehicles", header, strings.NewReader("{}"))
		return response.StatusCode
	}
	require.Equal(t, http.StatusForbidden, post(http.Header{"Sec-Fetch-Site": {"cross-site"}}))
	require.Equal(t, http.StatusForbidden, post(http.Header{"Origin": {"https://evil.example"}}))
	require.Empty(t, reached)
	require.Equal(t, http.StatusOK, post(http.Header{"Sec-Fetch-Site": {"same-origin"}}))
	require.Equal(t, http.StatusOK, post(http.Header{"Origin": {s.URL}}))
	require.Equal(t, http.StatusForbidden,
		signIn(t, s, url.Values{"token": {dispatcher}}, http.Header{"Sec-Fetch-Site": {"cross-site"}}).StatusCode)
}

func TestSignInIsSlowedByAddress(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for range 20 {
		require.Equal(t, http.StatusSeeOther, signIn(t, s, url.Values{"token": {"guess"}}, nil).StatusCode)
	}
	require.Equal(t, http.StatusTooManyRequests, signIn(t, s, url.Values{"token": {dispatcher}}, nil).StatusCode)
}

func TestStreamsRefuseBeforeTheyBegin(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.change(func() { s.at = onTheRoad(time.Now()) })
	for _, c := range []struct {
		path, secret string
		status       int
	}{
		{"/v1/positions:watch", "", http.StatusUnauthorized},
		{"/v1/positions:watch", "nobody", http.StatusUnauthorized},
		{"/v1/positions:watch", customer, http.StatusForbidden},
		{"/v1/positions:watch?box=1,2,3", dispatcher, http.StatusBadRequest},
		{"/v1/positions:watch?vehicles=truck-7", dispatcher, http.StatusBadRequest},
		{"/v1/orders/SO-1001/location:watch", "nobody", http.StatusUnauthorized},
		{"/v1/orders/SO-9999/location:watch", customer, http.StatusNotFound},
	} {
		response, body := get(t, s, c.path, bearer(c.secret))
		require.Equal(t, c.status, response.StatusCode, c.path)
		require.Contains(t, body, `"reason"`, c.path)
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	now := time.Now()
	s.change(func() { s.at, s.fleet = onTheRoad(now), company(now, 2) })
	fleet := listen(t, s, "/v1/positions:watch", bearer(dispatcher))
	require.Contains(t, fleet.next(t)["data"], `"vehicle":"vehicles/truck-1"`)
	order := listen(t, s, "/v1/orders/SO-1001/location:watch", bearer(customer))
	require.Contains(t, order.next(t)["data"], `"stage":"STAGE_TRANSIT"`)
	s.change(func() { s.at, s.fleet = delivered(now), company(now, 3) })
	require.Contains(t, fleet.next(t)["data"], `"vehicle":"vehicles/truck-2"`)
	require.Contains(t, order.next(t)["data"], `"stage":"STAGE_DELIVERED"`)
}
