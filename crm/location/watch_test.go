package location_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/location"
	"waybill/crm/order"
	"waybill/tracking"
)

// watch sends what a watcher of the order gets.
func watch(t *testing.T, w *crmtest.World, id, customer string) (<-chan location.Shipment, func() error) {
	t.Helper()
	return watchOn(t, w.Locations, id, customer)
}

func watchOn(t *testing.T, service *location.Service, id, customer string) (<-chan location.Shipment, func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(crmtest.As(t.Context(), customer))
	got := make(chan location.Shipment)
	done := make(chan error, 1)
	go func() {
		defer close(got)
		done <- service.Watch(ctx, id, func(l location.Location) error {
			select {
			case got <- l.Shipments[0]:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return got, func() error {
		cancel()
		return <-done
	}
}

// until reads until what comes is as wanted.
func until(got <-chan location.Shipment, wanted func(location.Shipment) bool) location.Shipment {
	for s := range got {
		if wanted(s) {
			return s
		}
	}
	return location.Shipment{}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	got, stop := watch(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, location.NotYetMade, (<-got).Unknown)
	w.Happen(t, "SO-1", order.Loading, crmtest.At(0), crmtest.Factory, crmtest.Truck)
	until(got, func(s location.Shipment) bool { return s.Unknown == location.NeverSeen })
	w.SetClock(crmtest.At(5))
	w.Drive(t, crmtest.At(5), crmtest.AtFactory)
	at := until(got, func(s location.Shipment) bool { return s.Point != nil })
	require.Equal(t, crmtest.AtFactory, *at.Point)
	w.Drive(t, crmtest.At(6), crmtest.OnRoad)
	at = until(got, func(s location.Shipment) bool { return s.AsOf.Equal(crmtest.At(6)) })
	require.Equal(t, crmtest.OnRoad, *at.Point)
	w.Drain(t)
	until(got, func(s location.Shipment) bool { return s.Status == order.StatusInTransit })

	// With the goods gone from it, the truck is out of sight.
	w.Happen(t, "SO-1", order.Accepting, crmtest.At(7), "", "")
	at = until(got, func(s location.Shipment) bool { return s.Stage == order.Delivered })
	require.Equal(t, crmtest.AtLab, *at.Point)
	w.Drive(t, crmtest.At(9), crmtest.AtRival)
	w.Happen(t, "SO-1", order.Installing, crmtest.At(10), "", "")
	at = until(got, func(s location.Shipment) bool {
		require.NotEqual(t, crmtest.AtRival, *s.Point)
		return s.Stage == order.Installed
	})
	require.Equal(t, crm.Site, at.Place.Kind)
	require.ErrorIs(t, stop(), context.Canceled)
}

// A position that arrives is authorised by custody at its fix time.
func TestWatchHidesWhatIsFromBeforeTheLoad(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Happen(t, "SO-1", order.Loading, crmtest.At(10), crmtest.Factory, crmtest.Truck)
	got, stop := watch(t, w, "SO-1", crmtest.Acme)
	<-got
	w.Drive(t, crmtest.At(5), crmtest.AtRival)
	at := until(got, func(s location.Shipment) bool { return s.Point != nil })
	require.Equal(t, crmtest.AtFactory, *at.Point)
	require.Equal(t, location.LastKnown, at.Freshness)
	require.ErrorIs(t, stop(), context.Canceled)
}

// A live position that nothing follows becomes the last known one by itself.
func TestWatchAges(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	now := time.Now().UTC().Truncate(tracking.Resolution)
	w.Happen(t, "SO-1", order.Loading, now.Add(-time.Hour), crmtest.Factory, crmtest.Truck)
	service := location.NewService(w.Locations.Parts, location.WithLive(200*time.Millisecond))
	got, stop := watchOn(t, service, "SO-1", crmtest.Acme)
	<-got
	w.Drive(t, now, crmtest.OnRoad)
	until(got, func(s location.Shipment) bool { return s.Freshness == location.LastKnown && s.AsOf.Equal(now) })
	require.ErrorIs(t, stop(), context.Canceled)
}

func TestWatchOfForeignOrder(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	err := w.Locations.Watch(crmtest.As(t.Context(), crmtest.Rival), "SO-1", nil)
	require.ErrorIs(t, err, crm.ErrNotFound)
}

func TestWatchEndsWithTheHub(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Happen(t, "SO-1", order.Loading, crmtest.At(10), crmtest.Factory, crmtest.Truck)
	got, stop := watch(t, w, "SO-1", crmtest.Acme)
	<-got
	w.Hub.Close()
	for range got { // until it ends
	}
	require.ErrorIs(t, stop(), tracking.ErrClosed)
}
