package crmhttp

import (
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
	"waybill/tracking/export"
)

const (
	// trackPage is how many fixes are in memory at once.
	trackPage = 5_000
	// pageWithin is how long a reader may take for each page.
	pageWithin = time.Minute
)

// deviceTrack answers with the track of a device as a file: format=geojson|gpx|csv,
// from= (inclusive) and to= (exclusive) in RFC 3339, all that there is without them.
func (h *Handler) deviceTrack(w http.ResponseWriter, r *http.Request) {
	h.track(w, r, "devices/"+r.PathValue("device"), r.PathValue("device"))
}

// vehicleTrack answers with the track of the device that drives the vehicle's
// position now.
func (h *Handler) vehicleTrack(w http.ResponseWriter, r *http.Request) {
	vehicle := r.PathValue("vehicle")
	ctx := authorized(r.Context(), r.Header)
	response, err := h.Fixes.GetPosition(ctx, &trackingv1.GetPositionRequest{Name: "vehicles/" + vehicle})
	if err != nil {
		writeError(w, err)
		return
	}
	h.track(w, r, response.GetPosition().GetDevice(), vehicle)
}

func (h *Handler) track(w http.ResponseWriter, r *http.Request, device, title string) {
	request, format, err := trackQuery(r)
	if err != nil {
		writeError(w, err)
		return
	}
	request.Device = device
	ctx := authorized(r.Context(), r.Header)
	// The first page comes before the answer begins: what is wrong shows in it.
	first, err := h.Fixes.ListFixes(ctx, request)
	if err != nil {
		writeError(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", format.ContentType)
	header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fileName(title)+"."+format.Name))
	header.Set("Vary", "Accept-Encoding")
	var body io.Writer = w
	if acceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		compressed := gzip.NewWriter(w)
		defer compressed.Close() //nolint:errcheck // A reader that went away is no error of ours.
		body = compressed
	}
	if err := format.Write(body, title, h.trackFixes(ctx, w, request, first)); err != nil {
		if ctx.Err() == nil {
			h.Log.WarnContext(ctx, "a track ended early", slog.String("device", device), slog.String("error", err.Error()))
		}
		// The status has gone out; only a broken connection says that this is not all.
		panic(http.ErrAbortHandler)
	}
}

// trackFixes yields the fixes of all pages.
func (h *Handler) trackFixes(
	ctx context.Context, w http.ResponseWriter, request *trackingv1.ListFixesRequest, page *trackingv1.ListFixesResponse,
) export.Fixes {
	control := http.NewResponseController(w)
	return func(yield func(tracking.Fix, error) bool) {
		for {
			// A connection that knows no deadlines (a test's recorder) has none.
			_ = control.SetWriteDeadline(time.Now().Add(pageWithin))
			for _, fix := range page.GetFixes() {
				if !yield(trackFix(fix), nil) {
					return
				}
			}
			if page.GetNextPageToken() == "" {
				return
			}
			request.PageToken = page.GetNextPageToken()
			var err error
			if page, err = h.Fixes.ListFixes(ctx, request); err != nil {
				yield(tracking.Fix{}, err)
				return
			}
		}
	}
}

// trackFix is the fix of an answer.
func trackFix(wire *trackingv1.Fix) tracking.Fix {
	fix := tracking.NewFix(wire.GetFixTime().AsTime(), orb.Point{wire.GetPosition().GetLongitude(), wire.GetPosition().GetLatitude()})
	for _, value := range []struct {
		from *float64
		to   *float64
	}{
		{wire.Altitude, &fix.Altitude}, //nolint:protogetter // its absence matters, here and below
		{wire.Speed, &fix.Speed},       //nolint:protogetter // see above
		{wire.Course, &fix.Course},     //nolint:protogetter // see above
		{wire.Accuracy, &fix.Accuracy}, //nolint:protogetter // see above
	} {
		if value.from != nil {
			*value.to = *value.from
		}
	}
	if wire.Satellites != nil {
		fix.Satellites = int(wire.GetSatellites())
	}
	fix.Attributes = wire.GetAttributes().AsMap()
	return fix
}

// trackFormat is the format of the name; GeoJSON without one.
func trackFormat(name string) (export.Format, bool) {
	formats := export.Formats()
	i := slices.IndexFunc(formats, func(f export.Format) bool { return f.Name == cmp.Or(strings.ToLower(name), "geojson") })
	if i < 0 {
		return export.Format{}, false
	}
	return formats[i], true
}

func trackQuery(r *http.Request) (*trackingv1.ListFixesRequest, export.Format, error) {
	query := r.URL.Query()
	request := &trackingv1.ListFixesRequest{PageSize: trackPage}
	var violations []rpcerr.Violation
	format, ok := trackFormat(query.Get("format"))
	if !ok {
		violations = append(violations, rpcerr.Field("format", "write format=geojson, format=gpx or format=csv"))
	}
	for name, to := range map[string]**timestamppb.Timestamp{"from": &request.FromTime, "to": &request.ToTime} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			violations = append(violations, rpcerr.Field(name, "write a time like 2026-03-04T00:00:00Z"))
			continue
		}
		*to = timestamppb.New(at)
	}
	from, to := request.GetFromTime(), request.GetToTime()
	if from != nil && to != nil && !from.AsTime().Before(to.AsTime()) {
		violations = append(violations, rpcerr.Field("to", "must be later than from"))
	}
	if len(violations) > 0 {
		return nil, export.Format{}, rpcerr.Invalid(violations...)
	}
	return request, format, nil
}

// fileName keeps of a title what every file system takes.
func fileName(title string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '-'
	}, title)
}
