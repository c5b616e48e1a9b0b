package location_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/location"
	"waybill/crm/order"
)

const places = `id,name,country,lon,lat,name_zh
1,East Village,CN,116.06,40.002,东村
2,Far Town,CN,100,30,
`

func get(t *testing.T, w *crmtest.World, id, customer string) location.Shipment {
	t.Helper()
	found, err := w.Locations.Get(crmtest.As(t.Context(), customer), id)
	require.NoError(t, err)
	require.Len(t, found.Shipments, 1)
	return found.Shipments[0]
}

func TestFollowAnOrder(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	_, err := w.Places.Import(t.Context(), strings.NewReader(places))
	require.NoError(t, err)
	w.Order(t, "SO-1", "acme", "lab")
	at := get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, location.Unknown, at.Freshness)
	require.Equal(t, location.NotYetMade, at.Unknown)
	require.Nil(t, at.Place)
	require.Equal(t, "Main lab", at.Next.DisplayName)

	w.Happen(t, "SO-1", order.Commissioning, crmtest.At(-60), crmtest.Station, "")
	at = get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, order.Production, at.Stage)
	require.Equal(t, crm.Station, at.Place.Kind)
	require.Equal(t, "Assembly", at.Place.DisplayName)
	require.Equal(t, "Works", at.Place.Facility)
	require.Empty(t, at.Place.Name, "customers learn the words")
	require.Equal(t, crmtest.Station, get(t, w, "SO-1", "").Place.Name)
	require.Equal(t, crmtest.AtFactory, *at.Point)
	require.Equal(t, location.Fixed, at.Freshness)
	require.Equal(t, crmtest.At(-60), at.Since)

	w.Happen(t, "SO-1", order.Storing, crmtest.At(-30), crmtest.Bay, "")
	require.Equal(t, "Bay 4", get(t, w, "SO-1", crmtest.Acme).Place.DisplayName)

	w.Drive(t, crmtest.At(0), crmtest.AtFactory)
	w.Happen(t, "SO-1", order.Loading, crmtest.At(1), crmtest.Factory, crmtest.Truck)
	w.SetClock(crmtest.At(1))
	// The position from before it was loaded is not of the goods.
	at = get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, crm.Vehicle, at.Place.Kind)
	require.Equal(t, crmtest.AtFactory, *at.Point)
	require.Equal(t, crmtest.At(1), at.AsOf)
	require.Equal(t, location.LastKnown, at.Freshness)

	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	w.Drain(t)
	w.SetClock(crmtest.At(11))
	at = get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, order.StatusInTransit, at.Status)
	require.Equal(t, location.Live, at.Freshness)
	require.Equal(t, crmtest.OnRoad, *at.Point)
	require.Equal(t, crmtest.At(10), at.AsOf)
	require.Equal(t, "Truck one", at.Place.DisplayName)
	require.Empty(t, at.Place.Name)
	require.Equal(t, "东村", at.Nearest.DisplayName)
	require.InDelta(t, 1722, at.Nearest.Distance, 100)
	require.InDelta(t, 262.6, at.Nearest.Bearing, 3)
	require.Equal(t, "Main lab", at.Next.DisplayName)
	require.Equal(t, crmtest.AcmeSite, at.Next.Name)
	w.SetClock(crmtest.At(13))
	require.Equal(t, location.LastKnown, get(t, w, "SO-1", crmtest.Acme).Freshness)

	// Beside another customer's site the nearest place that has a name is ours.
	w.Drive(t, crmtest.At(20), crmtest.AtRival)
	require.Equal(t, "Depot", get(t, w, "SO-1", crmtest.Acme).Nearest.DisplayName)

	w.Drive(t, crmtest.At(30), crmtest.AtLab)
	w.Drain(t)
	at = get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, order.StatusOutForDelivery, at.Status)
	require.Nil(t, at.Next)

	w.Happen(t, "SO-1", order.Accepting, crmtest.At(40), "", "")
	w.Drive(t, crmtest.At(50), crmtest.OnRoad)
	w.Drain(t)
	at = get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, order.Delivered, at.Stage)
	require.Equal(t, crmtest.AcmeSite, at.Place.Name)
	require.Equal(t, crmtest.AtLab, *at.Point, "where the truck is now is nobody's business")
	require.Nil(t, at.Nearest)
	require.Len(t, at.Stages, 4)
}

func TestCustomersSeeTheirOwn(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	_, missing := w.Locations.Get(crmtest.As(t.Context(), crmtest.Rival), "SO-2")
	require.ErrorIs(t, missing, crm.ErrNotFound)
	_, foreign := w.Locations.Get(crmtest.As(t.Context(), crmtest.Rival), "SO-1")
	require.ErrorIs(t, foreign, crm.ErrNotFound)
	require.Equal(t, strings.ReplaceAll(missing.Error(), "SO-2", "SO-1"), foreign.Error())
	_, err := w.Locations.Get(t.Context(), "SO-1")
	require.ErrorIs(t, err, crm.ErrNotFound, "nobody sees nothing")
}

// What changed hands shows only to who had it at the fix's time.
func TestTruckOfTwoCustomers(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Order(t, "SO-2", "rival", "gate")
	w.Happen(t, "SO-1", order.Loading, crmtest.At(0), crmtest.Factory, crmtest.Truck)
	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	w.Happen(t, "SO-2", order.Loading, crmtest.At(20), crmtest.DepotBay, crmtest.Truck)
	require.Equal(t, crmtest.OnRoad, *get(t, w, "SO-1", crmtest.Acme).Point)
	require.Equal(t, crmtest.AtDepot, *get(t, w, "SO-2", crmtest.Rival).Point)
	w.Drive(t, crmtest.At(30), crmtest.AtRival)
	w.Happen(t, "SO-2", order.Accepting, crmtest.At(31), "", "")
	w.Drive(t, crmtest.At(40), crmtest.OnRoad)
	require.Equal(t, crmtest.OnRoad, *get(t, w, "SO-1", crmtest.Acme).Point)
	require.Equal(t, crmtest.AtRival, *get(t, w, "SO-2", crmtest.Rival).Point)
}

func TestNeverSeen(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Happen(t, "SO-1", order.Loading, crmtest.At(0), crmtest.Factory, crmtest.Truck)
	at := get(t, w, "SO-1", crmtest.Acme)
	require.Equal(t, location.Unknown, at.Freshness)
	require.Equal(t, location.NeverSeen, at.Unknown)
	require.Nil(t, at.Point)
}
