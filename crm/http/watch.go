package crmhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"waybill/crm"
	"waybill/internal/rpcerr"
	crmv1 "waybill/proto/waybill/crm/v1"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// watchPositions sends where vehicles are, first of all and then as it changes. The
// query may narrow it: vehicles=vehicles/a&vehicles=vehicles/b, and
// box=west,south,east,north in degrees. Who comes back with the id of the last event
// (Last-Event-ID) gets what has changed since, if that is still known.
func (h *Handler) watchPositions(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	request := &trackingv1.WatchPositionsRequest{Vehicles: query["vehicles"], ResumeToken: r.Header.Get("Last-Event-ID")}
	if text := query.Get("box"); text != "" {
		box, err := parseBox(text)
		if err != nil {
			writeError(w, err)
			return
		}
		request.Box = box
	}
	relay(h, w, r, func(ctx context.Context) (grpc.ServerStreamingClient[trackingv1.WatchPositionsResponse], error) {
		return h.Positions.WatchPositions(ctx, request)
	}, func(response *trackingv1.WatchPositionsResponse) (proto.Message, string) {
		id := response.GetResumeToken()
		response.ResumeToken = ""
		return response, id
	})
}

// watchLocation sends where an order is, now and whenever that changes.
func (h *Handler) watchLocation(w http.ResponseWriter, r *http.Request) {
	name := crm.OrderName(r.PathValue("order"))
	relay(h, w, r, func(ctx context.Context) (grpc.ServerStreamingClient[crmv1.WatchOrderLocationResponse], error) {
		return h.Locations.WatchOrderLocation(ctx, &crmv1.WatchOrderLocationRequest{Order: name})
	}, func(response *crmv1.WatchOrderLocationResponse) (proto.Message, string) { return response, "" })
}

// watchCustomer sends where the vehicles are that carry a customer's shipments, all at
// first and then as it changes.
func (h *Handler) watchCustomer(w http.ResponseWriter, r *http.Request) {
	name := crm.CustomerName(r.PathValue("customer"))
	relay(h, w, r, func(ctx context.Context) (grpc.ServerStreamingClient[crmv1.WatchCustomerPositionsResponse], error) {
		return h.Locations.WatchCustomerPositions(ctx, &crmv1.WatchCustomerPositionsRequest{Customer: name})
	}, func(response *crmv1.WatchCustomerPositionsResponse) (proto.Message, string) { return response, "" })
}

// relay sends what a gRPC stream says as events, each with the id that message gives
// beside it; after an empty one the last holds. What the reader is too slow for
// stays in the gRPC stream, whose server conflates. The gRPC stream has to say
// something at once: only then it is known that it was not refused.
func relay[T any](h *Handler, w http.ResponseWriter, r *http.Request,
	open func(context.Context) (grpc.ServerStreamingClient[T], error), message func(*T) (proto.Message, string),
) {
	ctx, cancel := context.WithCancel(authorized(r.Context(), r.Header))
	defer cancel()
	source, err := open(ctx)
	var first *T
	if err == nil {
		first, err = source.Recv()
	}
	if err != nil {
		writeError(w, err)
		return
	}
	stream, release, err := h.openStream(w, r.Header.Get("Authorization"))
	if err != nil {
		return
	}
	defer release()

	send := func(response *T) error {
		body, id := message(response)
		return sendMessage(stream, id, body)
	}
	if err := send(first); err != nil {
		return
	}
	received := make(chan *T)
	ended := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			response, err := source.Recv()
			if err != nil {
				ended <- err
				return
			}
			select {
			case received <- response:
			case <-ctx.Done():
				ended <- ctx.Err()
				return
			}
		}
	}()
	defer func() {
		cancel()
		<-done
	}()

	tick := time.NewTicker(h.Heartbeat)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-h.stopping:
			return
		case err = <-ended:
			h.sayEnd(ctx, stream, err)
			return
		case response := <-received:
			err = send(response)
		case <-tick.C:
			err = stream.beat()
		}
		if err != nil {
			h.Log.DebugContext(ctx, "a live stream ended", slog.String("error", err.Error()))
			return
		}
	}
}

// sayEnd tells a reader whose token has ended not to come back; everybody else just
// does.
func (h *Handler) sayEnd(ctx context.Context, stream *eventStream, err error) {
	code := status.Code(err)
	if code == codes.Unauthenticated || code == codes.PermissionDenied || code == codes.NotFound {
		err = stream.event("gone", "", []byte(`{"code":`+strconv.Itoa(int(code))+`}`))
	}
	if ctx.Err() == nil {
		h.Log.DebugContext(ctx, "a live stream ended", slog.Any("error", err))
	}
}

func sendMessage(stream *eventStream, id string, message proto.Message) error {
	raw, err := protojson.Marshal(message)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	// protojson promises nothing about white space; an event is one line.
	if err := json.Compact(&line, raw); err != nil {
		return err
	}
	return stream.event("", id, line.Bytes())
}

// parseBox reads west,south,east,north.
func parseBox(text string) (*geov1.Box, error) {
	wrong := rpcerr.Invalid(rpcerr.Field("box", "write box=west,south,east,north in degrees"))
	fields := bytes.Split([]byte(text), []byte(","))
	if len(fields) != 4 {
		return nil, wrong
	}
	var edges [4]float64
	for i, field := range fields {
		degrees, err := strconv.ParseFloat(string(field), 64)
		// Not a number is not within anything.
		if err != nil || !(math.Abs(degrees) <= []float64{180, 90}[i%2]) {
			return nil, wrong
		}
		edges[i] = degrees
	}
	return &geov1.Box{West: edges[0], South: edges[1], East: edges[2], North: edges[3]}, nil
}
