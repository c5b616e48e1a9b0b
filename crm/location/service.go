package location

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/crm/place"
	"waybill/tracking"
)

// DefaultLive is how old a position may be and still be called live.
const DefaultLive = 2 * time.Minute

// Orders reads what the events of an order come to; [order.Store] is it.
type Orders interface {
	// Track returns an order, or [crm.ErrNotFound].
	Track(ctx context.Context, id string) (order.Tracked, error)
}

// Vehicles is what locations need of tracking.
type Vehicles interface {
	// Vehicle returns a vehicle by its uid, or [tracking.ErrNotFound].
	Vehicle(ctx context.Context, uid string) (tracking.Vehicle, error)
	// Position is where the vehicle was last seen, or [tracking.ErrNotFound].
	Position(ctx context.Context, vehicle string) (tracking.Position, error)
}

// Positions tells of positions as they change; [tracking.Hub] is it.
type Positions interface {
	Subscribe(filter tracking.Filter) *tracking.Subscription
}

// Nearby names the known place that is nearest; [place.Store] is it.
type Nearby interface {
	// Nearest returns it, or [crm.ErrNotFound].
	Nearest(ctx context.Context, point orb.Point, language string) (place.Near, error)
}

// Changes wakes watchers of an order, or of a customer's; [order.Changes] is it.
type Changes interface {
	Watch(order string) (*order.Watch, error)
	WatchCustomer(customer string) (*order.Watch, error)
}

// Parts are what a service works with. All are needed.
type Parts struct {
	Pool      *pgxpool.Pool
	Orders    Orders
	Vehicles  Vehicles
	Positions Positions
	Nearby    Nearby
	Changes   Changes
	Logger    *slog.Logger
}

// Service answers where orders are.
type Service struct {
	Parts
	live time.Duration
	now  func() time.Time
}

// Option sets something of a [Service].
type Option func(*Service)

// WithLive sets how old a position may be and still be called live; [DefaultLive]
// without it.
func WithLive(age time.Duration) Option { return func(s *Service) { s.live = age } }

// WithClock sets the clock; time.Now without it.
func WithClock(now func() time.Time) Option { return func(s *Service) { s.now = now } }

// NewService makes a service.
func NewService(parts Parts, options ...Option) *Service {
	s := &Service{Parts: parts, live: DefaultLive, now: time.Now}
	for _, option := range options {
		option(s)
	}
	return s
}

// Get returns where the order with the id is, for the caller in the context. It fails
// with [crm.ErrNotFound], for an order of another customer as well.
func (s *Service) Get(ctx context.Context, id string) (Location, error) {
	return s.GetIn(ctx, id, "")
}

// GetIn is [Service.Get] with known places named in the language (BCP 47); in the
// customer's when it is empty.
func (s *Service) GetIn(ctx context.Context, id, language string) (Location, error) {
	v, err := s.view(ctx, id)
	if err != nil {
		return Location{}, err
	}
	if language != "" {
		v.language = language
	}
	positions, err := s.positions(ctx, v.vehicles())
	if err != nil {
		return Location{}, err
	}
	return s.compose(ctx, v, positions), nil
}

// positions reads where vehicles were last seen, by uid; those never seen are
// missing.
func (s *Service) positions(ctx context.Context, vehicles []string) (map[string]tracking.Position, error) {
	found := make(map[string]tracking.Position, len(vehicles))
	for _, uid := range vehicles {
		p, err := s.Vehicles.Position(ctx, uid)
		if errors.Is(err, tracking.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("position of vehicle %s: %w", uid, err)
		}
		found[uid] = p
	}
	return found, nil
}

// compose puts view and positions together and names the places that are near. A
// location without such a name is still a good answer, so a failure there is logged
// only.
func (s *Service) compose(ctx context.Context, v view, positions map[string]tracking.Position) Location {
	location := v.compose(positions, s.now().UTC(), s.live)
	for i := range location.Shipments {
		shipment := &location.Shipments[i]
		if shipment.Place == nil || shipment.Place.Kind != crm.Vehicle || shipment.Point == nil {
			continue
		}
		near, err := s.Nearby.Nearest(ctx, *shipment.Point, v.language)
		switch {
		case err == nil:
			shipment.Nearest = &near
		case !errors.Is(err, crm.ErrNotFound) && ctx.Err() == nil:
			s.Logger.WarnContext(ctx, "can't name the place near a vehicle", "error", err)
		}
	}
	return location
}
