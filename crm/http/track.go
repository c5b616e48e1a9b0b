package crmhttp

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"google.golang.org/grpc"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
	"waybill/tracking/export"
)

// partWithin is how long a reader may take for each part of a file.
const partWithin = time.Minute

// deviceTrack and vehicleTrack answer with a track as a file when its format is asked
// for: format=gpx|geojson|csv|kml, from= (inclusive) and to= (exclusive) in RFC 3339, all
// that there is without them, and tolerance= in metres, which leaves out fixes that the
// line through the others passes as near as that. Without a format they answer as REST
// does.
func (h *Handler) deviceTrack(w http.ResponseWriter, r *http.Request) {
	h.track(w, r, "devices/"+r.PathValue("device"), r.PathValue("device"))
}

func (h *Handler) vehicleTrack(w http.ResponseWriter, r *http.Request) {
	h.track(w, r, "vehicles/"+r.PathValue("vehicle"), r.PathValue("vehicle"))
}

func (h *Handler) track(w http.ResponseWriter, r *http.Request, name, title string) {
	if !r.URL.Query().Has("format") {
		h.API.ServeHTTP(w, r)
		return
	}
	request, format, err := trackQuery(r)
	if err != nil {
		writeError(w, err)
		return
	}
	request.Name = name
	ctx, cancel := context.WithCancel(authorized(r.Context(), r.Header))
	defer cancel() // it ends a stream that is not read to its end
	stream, err := h.History.StreamTrack(ctx, request)
	if err != nil {
		writeError(w, err)
		return
	}
	// The first part comes before the answer begins: what is wrong shows in it.
	first, err := stream.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		writeError(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", format.ContentType)
	header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fileName(title)+"."+format.Name))
	header.Set("Cache-Control", "no-store")
	header.Set("Vary", "Accept-Encoding")
	var body io.Writer = w
	if acceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		compressed := gzip.NewWriter(w)
		defer compressed.Close() //nolint:errcheck // A reader that went away is no error of ours.
		body = compressed
	}
	if err := format.Write(body, title, trackFixes(w, stream, first)); err != nil {
		if ctx.Err() == nil {
			h.Log.WarnContext(ctx, "a track ended early", slog.String("track", name), slog.String("error", err.Error()))
		}
		// The status has gone out; only a broken connection says that this is not all.
		panic(http.ErrAbortHandler)
	}
}

// trackFixes yields the fixes of all parts, of which the first is nil when there is none.
func trackFixes(
	w http.ResponseWriter, stream grpc.ServerStreamingClient[trackingv1.StreamTrackResponse], part *trackingv1.StreamTrackResponse,
) export.Fixes {
	control := http.NewResponseController(w)
	return func(yield func(tracking.Fix, error) bool) {
		for part != nil {
			// A connection that knows no deadlines (a test's recorder) has none.
			_ = control.SetWriteDeadline(time.Now().Add(partWithin))
			for _, fix := range part.GetFixes() {
				if !yield(trackFix(fix), nil) {
					return
				}
			}
			var err error
			if part, err = stream.Recv(); errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
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

// fileName keeps of a title what every file system takes.
func fileName(title string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '-'
	}, title)
}
