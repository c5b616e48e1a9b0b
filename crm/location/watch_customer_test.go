package location_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/location"
	"waybill/crm/order"
)

// watchCustomer sends what the caller hears of a customer's goods on vehicles.
func watchCustomer(t *testing.T, w *crmtest.World, customer, caller string) (<-chan location.CarriedNews, func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(crmtest.As(t.Context(), caller))
	got := make(chan location.CarriedNews)
	done := make(chan error, 1)
	go func() {
		defer close(got)
		done <- w.Locations.WatchCustomer(ctx, customer, func(n location.CarriedNews) error {
			select {
			case got <- n:
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

// One truck carries the goods of two customers for a part of its way each: each sees it
// for its own part, and no more.
func TestWatchCustomer(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Order(t, "SO-2", "rival", "gate")
	w.Drive(t, crmtest.At(-5), crmtest.AtRival)
	acme, stopAcme := watchCustomer(t, w, "acme", crmtest.Acme)
	rival, stopRival := watchCustomer(t, w, "rival", "")
	for _, first := range []location.CarriedNews{<-acme, <-rival} {
		require.Equal(t, location.CarriedNews{All: true}, first, "that there is nothing is said at once")
	}

	w.Happen(t, "SO-1", order.Loading, crmtest.At(0), crmtest.Factory, crmtest.Truck)
	news := <-acme
	require.Len(t, news.Shipments, 1)
	require.Equal(t, "SO-1", news.Shipments[0].Order)
	require.Equal(t, "Truck one", news.Shipments[0].DisplayName)
	require.Empty(t, news.Shipments[0].Vehicle, "customers learn the words")
	require.Nil(t, news.Shipments[0].Point, "where it was before is not of the goods")

	w.Drive(t, crmtest.At(5), crmtest.AtFactory)
	news = <-acme
	require.False(t, news.All)
	require.Equal(t, crmtest.AtFactory, *news.Shipments[0].Point)
	require.Equal(t, crmtest.At(5), news.Shipments[0].AsOf)

	w.Happen(t, "SO-2", order.Loading, crmtest.At(6), crmtest.Factory, crmtest.Truck)
	news = <-rival
	require.Equal(t, "SO-2", news.Shipments[0].Order)
	require.Equal(t, crm.VehicleName(crmtest.Truck), news.Shipments[0].Vehicle, "staff learns the name")
	require.Nil(t, news.Shipments[0].Point)
	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	require.Equal(t, crmtest.OnRoad, *(<-acme).Shipments[0].Point)
	require.Equal(t, crmtest.OnRoad, *(<-rival).Shipments[0].Point)

	// With the goods gone from it, the truck is out of sight.
	w.Happen(t, "SO-1", order.Accepting, crmtest.At(20), "", "")
	news = <-acme
	require.Equal(t, []string{"orders/SO-1/shipments/1"}, news.Gone)
	require.Empty(t, news.Shipments)
	w.Drive(t, crmtest.At(21), crmtest.AtRival)
	require.Equal(t, crmtest.AtRival, *(<-rival).Shipments[0].Point)
	w.Happen(t, "SO-1", order.Installing, crmtest.At(22), "", "")
	select {
	case news := <-acme:
		require.Fail(t, "there was nothing to tell", news)
	default:
	}
	require.ErrorIs(t, stopAcme(), context.Canceled)
	require.ErrorIs(t, stopRival(), context.Canceled)
}

func TestWatchOfForeignCustomer(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	require.ErrorIs(t, w.Locations.WatchCustomer(crmtest.As(t.Context(), crmtest.Rival), "acme", nil), crm.ErrNotFound)
	require.ErrorIs(t, w.Locations.WatchCustomer(crmtest.As(t.Context(), ""), "nobody", nil), crm.ErrNotFound)
}
