package crmhttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	crmhttp "waybill/crm/http"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// devices answers with what it was asked.
type devices struct {
	trackingv1.UnimplementedDeviceServiceServer
	updated chan *trackingv1.UpdateDeviceRequest
	headers chan metadata.MD
}

func (d devices) UpdateDevice(ctx context.Context, r *trackingv1.UpdateDeviceRequest) (*trackingv1.UpdateDeviceResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	d.headers <- md
	d.updated <- r
	return &trackingv1.UpdateDeviceResponse{Device: r.GetDevice()}, nil
}

func (d devices) CreateDevice(_ context.Context, r *trackingv1.CreateDeviceRequest) (*trackingv1.CreateDeviceResponse, error) {
	return &trackingv1.CreateDeviceResponse{Device: r.GetDevice()}, nil
}

func (d devices) ListDevices(context.Context, *trackingv1.ListDevicesRequest) (*trackingv1.ListDevicesResponse, error) {
	return &trackingv1.ListDevicesResponse{}, nil
}

// rest is the REST face of devices, whose bodies may have 1000 bytes.
func rest(t *testing.T) (*crmhttp.Handler, devices) {
	t.Helper()
	server := grpc.NewServer()
	d := devices{updated: make(chan *trackingv1.UpdateDeviceRequest, 1), headers: make(chan metadata.MD, 1)}
	trackingv1.RegisterDeviceServiceServer(server, d)
	listener := bufconn.Listen(1 << 20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	conn, err := grpc.NewClient("passthrough:///devices", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-done
	})
	api := crmhttp.NewREST()
	require.NoError(t, trackingv1.RegisterDeviceServiceHandler(t.Context(), api, conn))
	h, err := crmhttp.New(crmhttp.Options{API: api, Log: slog.New(slog.DiscardHandler), MaxBody: 1000, Pages: fstest.MapFS{}})
	require.NoError(t, err)
	return h, d
}

func request(t *testing.T, h http.Handler, method, path, body string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRESTSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	h, _ := rest(t)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		reason, field, say string
	}{
		"unknown path":     {http.MethodGet, "/v1/nothing", "", http.StatusNotFound, "PATH_NOT_FOUND", "", "/openapi.json"},
		"wrong method":     {http.MethodPut, "/v1/devices", "", http.StatusMethodNotAllowed, "HTTP_METHOD_NOT_ALLOWED", "", "PUT"},
		"cut off":          {http.MethodPost, "/v1/devices", `{"displayName":`, http.StatusBadRequest, "INVALID_ARGUMENT", "body", "EOF"},
		"slip of the pen":  {http.MethodPost, "/v1/devices", `{"displayname":"x"}`, http.StatusBadRequest, "INVALID_ARGUMENT", "body", `unknown field "displayname"`},
		"slip in a change": {http.MethodPatch, "/v1/devices/x", `{"displayname":"x"}`, http.StatusBadRequest, "INVALID_ARGUMENT", "body", `unknown field "displayname"`},
		"wrong kind":       {http.MethodPost, "/v1/devices", `{"disabled":"perhaps"}`, http.StatusBadRequest, "INVALID_ARGUMENT", "body", "bool"},
		"too large":        {http.MethodPost, "/v1/devices", `{"displayName":"` + strings.Repeat("x", 2000) + `"}`, http.StatusBadRequest, "INVALID_ARGUMENT", "body", "larger than 1000 bytes"},
		"wrong number":     {http.MethodGet, "/v1/devices?page_size=ten", "", http.StatusBadRequest, "INVALID_ARGUMENT", "page_size", "ten"},
	} {
		w := request(t, h, c.method, c.path, c.body, nil)
		require.Equal(t, c.status, w.Code, "%s: %s", name, w.Body)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"), name)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"), name)
		var answer struct {
			Message string
			Details []struct {
				Reason          string
				Domain          string
				FieldViolations []struct{ Field, Description string }
			}
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer), name)
		require.Contains(t, answer.Message, c.say, name)
		if c.reason != "" {
			require.NotEmpty(t, answer.Details, name)
			require.Equal(t, c.reason, answer.Details[0].Reason, name)
			require.Equal(t, "waybill", answer.Details[0].Domain, name)
		}
		if c.field != "" {
			require.Len(t, answer.Details, 2, name)
			require.Equal(t, c.field, answer.Details[1].FieldViolations[0].Field, name)
		}
	}
}

func TestRESTChangesWhatTheBodyHas(t *testing.T) {
	t.Parallel()
	h, d := rest(t)
	for _, c := range []struct {
		path, body string
		mask       []string
	}{
		{"/v1/devices/x", `{"displayName":"Van"}`, []string{"display_name"}},
		{"/v1/devices/x", `{"display_name":"Van","phone":""}`, []string{"display_name", "phone"}},
		{"/v1/devices/x?update_mask=phone,imei", `{"displayName":"Van"}`, []string{"phone", "imei"}},
		{"/v1/devices/x?updateMask=phone", `{"name":"devices/other"}`, []string{"phone"}},
	} {
		w := request(t, h, http.MethodPatch, c.path, c.body, nil)
		require.Equal(t, http.StatusOK, w.Code, "%s", w.Body)
		<-d.headers
		got := <-d.updated
		require.ElementsMatch(t, c.mask, got.GetUpdateMask().GetPaths(), c.body)
		require.Equal(t, "devices/x", got.GetDevice().GetName(), "the path says which")
	}
}

func TestRESTPassesTheCallerOnAndNothingElse(t *testing.T) {
	t.Parallel()
	h, d := rest(t)
	w := request(t, h, http.MethodPatch, "/v1/devices/x", `{}`, http.Header{
		"Authorization":               {"Bearer mine"},
		"Grpc-Metadata-Authorization": {"Bearer stolen"},
		"Grpc-Metadata-Customer":      {"customers/acme"},
		"Cookie":                      {"waybill=other"},
	})
	require.Equal(t, http.StatusOK, w.Code)
	headers := <-d.headers
	require.Equal(t, []string{"Bearer mine"}, headers.Get("authorization"))
	for _, name := range []string{"customer", "cookie", "grpcgateway-cookie", "grpc-metadata-authorization"} {
		require.Empty(t, headers.Get(name), name)
	}
	for name := range w.Header() {
		require.NotContains(t, name, "Grpc-")
	}
}

func TestRESTTellsNobodyWhereRolesAre(t *testing.T) {
	t.Parallel()
	conn, err := grpc.NewClient("passthrough:///10.9.8.7:9090", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
			return nil, errors.New("dial tcp 10.9.8.7:9090: connection refused")
		}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	api := crmhttp.NewREST()
	require.NoError(t, trackingv1.RegisterDeviceServiceHandler(t.Context(), api, conn))
	h, err := crmhttp.New(crmhttp.Options{API: api, Log: slog.New(slog.DiscardHandler), Pages: fstest.MapFS{}})
	require.NoError(t, err)
	w := request(t, h, http.MethodGet, "/v1/devices", "", nil)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "ROLE_UNAVAILABLE")
	require.NotContains(t, w.Body.String(), "10.9.8.7")
}
