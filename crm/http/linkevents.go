package crmhttp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"waybill/crm"
	"waybill/crm/link"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// recheck is how long the answer that a link holds is good for.
const recheck = 2 * time.Second

// linkEvents sends what linkLocation answers, now and on each change, until the link
// ends. Who comes back with the id of what is still true is not told again.
func (h *Handler) linkEvents(w http.ResponseWriter, r *http.Request, target link.Target) {
	ctx := r.Context()
	view, err := h.viewOf(ctx, target)
	var body []byte
	if err == nil {
		body, err = view.locate(ctx, h.Orders)
	}
	if err != nil {
		h.Log.WarnContext(ctx, "an order can't be located for its link",
			slog.String("order", target.Order), slog.String("error", err.Error()))
		writeError(w, unavailable())
		return
	}
	stream, release, err := h.openStream(w, crm.OrderName(target.Order))
	if err != nil {
		return
	}
	defer release()
	follower := &linkFollower{
		handler: h, request: r, view: view, stream: stream,
		checked: time.Now(), lastID: r.Header.Get("Last-Event-ID"),
	}
	if err := follower.follow(ctx, body); err != nil && ctx.Err() == nil {
		h.Log.DebugContext(ctx, "the stream of a link ended", slog.String("order", target.Order), slog.String("error", err.Error()))
	}
}

// linkFollower sends what happens to the order of one link to one reader. Its fields
// belong to the goroutine that runs follow.
type linkFollower struct {
	handler *Handler
	request *http.Request
	view    view
	stream  *eventStream
	checked time.Time // when the link was last found to hold
	lastID  string    // of what the reader knows
}

// errLinkEnded says that the link no longer holds; the reader has been told.
var errLinkEnded = errors.New("the link has ended")

func (f *linkFollower) follow(ctx context.Context, first []byte) error {
	if err := f.send(ctx, first); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	// One slot: who reads slowly gets the newest, and nothing piles up.
	changes := make(chan *crmv1.OrderLocation, 1)
	watched := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		watched <- f.handler.Orders.Watch(ctx, f.view.target, func(location *crmv1.OrderLocation) error {
			newest(changes, location)
			return ctx.Err()
		})
	}()
	defer func() {
		cancel()
		<-done
	}()

	tick := time.NewTicker(f.handler.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.handler.stopping:
			return nil
		case err := <-watched:
			return err
		case location := <-changes:
			body, err := f.view.body(location)
			if err == nil {
				err = f.send(ctx, body)
			}
			if err != nil {
				return err
			}
		case <-tick.C:
			if err := f.beat(ctx); err != nil {
				return err
			}
		}
	}
}

// newest puts a location into the slot, in place of one that is still there. There
// is one sender.
func newest(slot chan *crmv1.OrderLocation, location *crmv1.OrderLocation) {
	select {
	case <-slot:
	default:
	}
	slot <- location
}

// beat looks again: a link can end, and a live position grows old, without anything
// happening to the order.
func (f *linkFollower) beat(ctx context.Context) error {
	f.checked = time.Time{}
	body, err := f.view.locate(ctx, f.handler.Orders)
	if err != nil {
		// The database is away, perhaps. The reader's own clock ages what it shows.
		return f.stream.beat()
	}
	before := f.lastID
	if err := f.send(ctx, body); err != nil {
		return err
	}
	if f.lastID == before {
		return f.stream.beat()
	}
	return nil
}

// send tells the reader, unless it knows, if the link still holds.
func (f *linkFollower) send(ctx context.Context, body []byte) error {
	if time.Since(f.checked) > recheck {
		if err := f.check(ctx); err != nil {
			return err
		}
	}
	digest := sha256.Sum256(body)
	id := hex.EncodeToString(digest[:8])
	if id == f.lastID {
		return nil
	}
	f.lastID = id
	return f.stream.event("", id, bytes.TrimSpace(body))
}

func (f *linkFollower) check(ctx context.Context) error {
	switch _, err := f.handler.Links.Resolve(ctx, f.request.PathValue("token")); {
	case errors.Is(err, crm.ErrNotFound):
		return errors.Join(errLinkEnded, f.stream.event("gone", "", []byte("{}")))
	case err != nil:
		return err
	}
	f.checked = time.Now()
	return nil
}
