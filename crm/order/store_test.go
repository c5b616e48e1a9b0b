package order_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/order"
	"waybill/internal/paging"
)

func TestCreateOrder(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	request := uuid.NewString()
	draft := order.Order{
		Customer: "acme", Reference: "PO-77", Destination: "lab", Promised: order.Window{From: crmtest.At(60), To: crmtest.At(120)},
		Lines: []order.Line{{SKU: "P-1", Description: "Pump", Quantity: 3, Unit: "piece"}, {SKU: "H-1", Quantity: 10.5, Unit: "m"}},
	}
	shipments := []order.Shipment{{Lines: []order.ShipmentLine{{Number: 1, Quantity: 2}}}, {ID: "rest"}}
	made, err := w.Orders.Create(t.Context(), draft, shipments, request)
	require.NoError(t, err)
	require.Equal(t, "SO-1001", made.Order.ID)
	require.Equal(t, draft.Promised, made.Order.Promised)
	require.InDelta(t, draft.Lines[1].Quantity, made.Order.Lines[1].Quantity, 0)
	require.Equal(t, int32(2), made.Order.Lines[1].Number)
	require.Len(t, made.Shipments, 2)
	require.Equal(t, order.StatusPending, made.Shipments[1].Status)

	again, err := w.Orders.Create(t.Context(), draft, shipments, request)
	require.NoError(t, err)
	require.Equal(t, made, again)
	draft.ID = "SO-1001"
	_, err = w.Orders.Create(t.Context(), draft, nil, uuid.NewString())
	require.ErrorIs(t, err, crm.ErrExists)
	draft.ID = "other"
	_, err = w.Orders.Create(t.Context(), draft, nil, request)
	require.ErrorIs(t, err, crm.ErrInvalid)

	// The second shipment may carry what the first left, and no more.
	_, err = w.Orders.AddShipment(t.Context(), order.Shipment{Order: "SO-1001", Lines: []order.ShipmentLine{{Number: 1, Quantity: 2}}}, "")
	require.ErrorContains(t, err, "line 1 orders 3 in all")
	added, err := w.Orders.AddShipment(t.Context(), order.Shipment{Order: "SO-1001", Lines: []order.ShipmentLine{{Number: 1, Quantity: 1}}}, "")
	require.NoError(t, err)
	require.Equal(t, "2", added.ID)
}

func TestCreateOrderSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	_, err := w.Orders.Create(t.Context(), order.Order{
		ID: "a/b", Customer: "acme", Promised: order.Window{From: crmtest.At(5), To: crmtest.At(5)}, Lines: []order.Line{{Quantity: -1}},
	}, []order.Shipment{{Lines: []order.ShipmentLine{{Number: 9, Quantity: 1}}}}, "")
	var invalid *crm.InvalidError
	require.ErrorAs(t, err, &invalid)
	var fields []string
	for _, v := range invalid.Violations {
		fields = append(fields, v.Field)
	}
	require.Equal(t, []string{
		"order_id", "order.promised_window", "order.lines[0].quantity", "order.lines[0].sku", "shipments[0].lines[0].line_number",
	}, fields)
	_, err = w.Orders.Create(t.Context(), order.Order{Customer: "acme", Destination: "gate"}, nil, "")
	require.ErrorContains(t, err, "order.destination")
	_, err = w.Orders.Create(t.Context(), order.Order{Customer: "nobody"}, nil, "")
	require.ErrorContains(t, err, "order.customer")
}

func TestOneRequestAtOnceIsOneOrder(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	request := uuid.NewString()
	ids := make([]string, 6)
	var running sync.WaitGroup
	for i := range ids {
		running.Go(func() {
			made, err := w.Orders.Create(t.Context(), order.Order{Customer: "acme"}, nil, request)
			if err == nil {
				ids[i] = made.Order.ID
			}
		})
	}
	running.Wait()
	require.NotEmpty(t, ids[0])
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	for want, e := range map[string]order.Event{
		"there is no vehicles/ghost":         {BizStep: order.Loading, Vehicle: "ghost"},
		"customers/rival/sites/gate":         {BizStep: order.Accepting, ReadPoint: "customers/rival/sites/gate"},
		"facilities/works/stations/nowhere":  {BizStep: order.Commissioning, ReadPoint: "facilities/works/stations/nowhere"},
		"event.event_time: it is in the fut": {BizStep: order.Departing, Time: time.Now().Add(time.Hour)},
	} {
		e.Order, e.Shipment = "SO-1", "1"
		_, err := w.Orders.Record(t.Context(), e, "")
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, crm.ErrInvalid)
	}
	for _, missing := range []order.Event{{Order: "SO-2", Shipment: "1"}, {Order: "SO-1", Shipment: "7"}} {
		missing.BizStep = order.Departing
		_, err := w.Orders.Record(t.Context(), missing, "")
		require.ErrorIs(t, err, crm.ErrNotFound)
	}
}

func TestRecordOncePerRequest(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	request := uuid.NewString()
	e := order.Event{Order: "SO-1", Shipment: "1", BizStep: order.Storing, ReadPoint: crmtest.Bay}
	first, err := w.Orders.Record(t.Context(), e, request)
	require.NoError(t, err)
	require.Equal(t, order.SellableInaccessible, first.Disposition)
	second, err := w.Orders.Record(t.Context(), e, request)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Equal(t, []string{"storing"}, w.Events(t, "SO-1"))
}

func TestListOrdersInPages(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	for _, id := range []string{"A", "B", "C", "D", "E"} {
		w.Order(t, id, "acme", "lab")
	}
	w.Order(t, "F", "rival", "")
	w.Happen(t, "C", order.Storing, crmtest.At(0), crmtest.Bay, "")
	var ids []string
	token := ""
	for {
		page, next, err := w.Orders.List(t.Context(), order.Filter{Customer: "acme"}, 2, token)
		require.NoError(t, err)
		for _, o := range page {
			ids = append(ids, o.ID)
			require.Len(t, o.Lines, 1)
		}
		if token = next; next == "" {
			break
		}
	}
	require.Equal(t, []string{"E", "D", "C", "B", "A"}, ids)
	stored, _, err := w.Orders.List(t.Context(), order.Filter{Statuses: []order.Status{order.StatusInfoReceived}}, 10, "")
	require.NoError(t, err)
	require.Len(t, stored, 1)
	require.Equal(t, "C", stored[0].ID)
	_, _, err = w.Orders.List(t.Context(), order.Filter{}, 10, "rubbish")
	require.ErrorIs(t, err, paging.ErrToken)
}

// Another destination makes another arrival of the same drive.
func TestUpdateDestination(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "")
	w.Happen(t, "SO-1", order.Loading, crmtest.At(0), crmtest.Factory, crmtest.Truck)
	w.Drive(t, crmtest.At(1), crmtest.AtFactory)
	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	w.Drive(t, crmtest.At(20), crmtest.AtLab)
	w.Drain(t)
	require.Equal(t, []string{"loading", "departing*"}, w.Events(t, "SO-1"))
	updated, err := w.Orders.Update(t.Context(), order.Order{ID: "SO-1", Destination: "lab"}, order.Mask{Destination: true})
	require.NoError(t, err)
	require.Equal(t, "lab", updated.Destination)
	require.Equal(t, []string{"loading", "departing*", "arriving*"}, w.Events(t, "SO-1"))
	_, err = w.Orders.Update(t.Context(), order.Order{ID: "SO-1"}, order.Mask{Destination: true})
	require.NoError(t, err)
	require.Equal(t, []string{"loading", "departing*", "-arriving*"}, w.Events(t, "SO-1"))
}

func TestChangesAreBounded(t *testing.T) {
	t.Parallel()
	changes := order.NewChanges(2)
	one, err := changes.Watch("SO-1")
	require.NoError(t, err)
	two, err := changes.Watch("SO-2")
	require.NoError(t, err)
	_, err = changes.Watch("SO-1")
	require.ErrorIs(t, err, order.ErrTooManyWatchers)
	changes.Wake("SO-1", "acme")
	changes.Wake("SO-1", "acme")
	<-one.C()
	require.Empty(t, one.C())
	require.Empty(t, two.C())
	two.Close()
	two.Close()
	three, err := changes.WatchCustomer("acme")
	require.NoError(t, err)
	changes.Wake("SO-9", "rival")
	require.Empty(t, three.C())
	changes.Wake("SO-9", "acme")
	<-three.C()
	require.Empty(t, one.C())
}
