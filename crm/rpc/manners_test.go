package rpc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/crm/crmtest"
	"waybill/internal/paging"
	crmv1 "waybill/proto/waybill/crm/v1"
	geov1 "waybill/proto/waybill/geo/v1"
)

// token makes a page token that no list gave out.
func token(t *testing.T, position any) string {
	t.Helper()
	made, err := paging.Encode(position)
	require.NoError(t, err)
	return made
}

// Tokens of pages aren't signed: what a caller may see must not hang on them.
func TestPageTokensOpenNothing(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	f.take(t, "SO-2", crmtest.Rival, "")
	mine := as(t, crmtest.Acme)

	list, err := f.orders.ListOrders(mine, &crmv1.ListOrdersRequest{
		PageToken: token(t, map[string]any{"t": time.Now().AddDate(100, 0, 0), "i": "zzz", "c": crmtest.Rival}),
	})
	require.NoError(t, err)
	require.Len(t, list.GetOrders(), 1)
	require.Equal(t, "orders/SO-1", list.GetOrders()[0].GetName())

	found, err := f.search.Search(mine, &crmv1.SearchRequest{
		Query: "SO-", PageToken: token(t, map[string]any{"s": 1001, "k": "order", "i": "SO-2"}),
	})
	require.NoError(t, err)
	require.Len(t, found.GetResults(), 1)
	require.Equal(t, "orders/SO-1", found.GetResults()[0].GetOrder().GetName())

	for _, position := range []any{
		map[string]any{"s": 99_999_999_999, "k": "order", "i": "SO-1"}, map[string]any{"s": -1}, []int{1}, "x",
	} {
		_, err = f.search.Search(mine, &crmv1.SearchRequest{Query: "SO-", PageToken: token(t, position)})
		require.Equal(t, []string{"page_token"}, fields(t, err), "%v", position)
	}
}

// An order of somebody else's is answered to the letter like one that there isn't.
func TestNobodyLearnsWhatOthersHave(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-2", crmtest.Rival, "")
	mine := as(t, crmtest.Acme)
	for method, call := range map[string]func(order, customer string) error{
		"GetOrder": func(order, _ string) error {
			_, err := f.orders.GetOrder(mine, &crmv1.GetOrderRequest{Name: order})
			return err
		},
		"ListShipments": func(order, _ string) error {
			_, err := f.orders.ListShipments(mine, &crmv1.ListShipmentsRequest{Parent: order})
			return err
		},
		"ListEvents": func(order, _ string) error {
			_, err := f.orders.ListEvents(mine, &crmv1.ListEventsRequest{Parent: order + "/shipments/1"})
			return err
		},
		"GetOrderLocation": func(order, _ string) error {
			_, err := f.locations.GetOrderLocation(mine, &crmv1.GetOrderLocationRequest{Order: order})
			return err
		},
		"WatchOrderLocation": func(order, _ string) error {
			stream, err := f.locations.WatchOrderLocation(mine, &crmv1.WatchOrderLocationRequest{Order: order})
			require.NoError(t, err)
			_, err = stream.Recv()
			return err
		},
		"GetCustomer": func(_, customer string) error {
			_, err := f.customers.GetCustomer(mine, &crmv1.GetCustomerRequest{Name: customer})
			return err
		},
		"ListContacts": func(_, customer string) error {
			_, err := f.customers.ListContacts(mine, &crmv1.ListContactsRequest{Parent: customer})
			return err
		},
		"ListSites": func(_, customer string) error {
			_, err := f.customers.ListSites(mine, &crmv1.ListSitesRequest{Parent: customer})
			return err
		},
		"GetSite": func(_, customer string) error {
			_, err := f.customers.GetSite(mine, &crmv1.GetSiteRequest{Name: customer + "/sites/depot"})
			return err
		},
	} {
		others, none := status.Convert(call("orders/SO-2", crmtest.Rival)), status.Convert(call("orders/SO-9", "customers/nobody"))
		require.Equal(t, codes.NotFound, others.Code(), method)
		same := strings.NewReplacer("SO-9", "SO-2", "customers/nobody", crmtest.Rival)
		require.Equal(t, others.Message(), same.Replace(none.Message()), method)
		require.Len(t, none.Details(), len(others.Details()), method)
		for i, detail := range others.Details() {
			require.IsType(t, detail, none.Details()[i], method)
		}
	}
}

func TestWrongCallsAreToldWhatToDo(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	staff := as(t, "")
	for say, call := range map[string]func() (proto.Message, error){
		"orders/{order}": func() (proto.Message, error) {
			return f.orders.GetOrder(staff, &crmv1.GetOrderRequest{Name: "SO-1"})
		},
		"facilities/{facility}": func() (proto.Message, error) {
			return f.facilities.GetFacility(staff, &crmv1.GetFacilityRequest{Name: "factory"})
		},
		"orders/{order}/shipments/{shipment}": func() (proto.Message, error) {
			return f.orders.ListEvents(staff, &crmv1.ListEventsRequest{Parent: "orders/SO-1"})
		},
		"orders/{order}/trackingLinks/{trackingLink}": func() (proto.Message, error) {
			return f.links.RevokeTrackingLink(staff, &crmv1.RevokeTrackingLinkRequest{Name: "orders/SO-1"})
		},
		"name a status such as": func() (proto.Message, error) {
			return f.orders.ListOrders(staff, &crmv1.ListOrdersRequest{Statuses: []crmv1.Status{crmv1.Status_STATUS_UNSPECIFIED}})
		},
		"can't be changed, leave it out; name some of: reference": func() (proto.Message, error) {
			return f.orders.UpdateOrder(staff, &crmv1.UpdateOrderRequest{
				Order: &crmv1.Order{Name: "orders/SO-1", Customer: crmtest.Rival}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"customer"}},
			})
		},
	} {
		_, err := call()
		require.Equal(t, codes.InvalidArgument, status.Code(err), say)
		require.ErrorContains(t, err, say)
	}
}

func TestEventsOfAShipmentThatThereIsNot(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	none, err := f.orders.ListEvents(as(t, crmtest.Acme), &crmv1.ListEventsRequest{Parent: "orders/SO-1/shipments/1"})
	require.NoError(t, err)
	require.Empty(t, none.GetEvents())
	_, err = f.orders.ListEvents(as(t, crmtest.Acme), &crmv1.ListEventsRequest{Parent: "orders/SO-1/shipments/77"})
	require.Equal(t, codes.NotFound, status.Code(err))
}

func TestHalfAPointMovesNothing(t *testing.T) {
	t.Parallel()
	f := serve(t)
	staff := as(t, "")
	before, err := f.customers.GetSite(staff, &crmv1.GetSiteRequest{Name: crmtest.AcmeSite})
	require.NoError(t, err)
	change := &crmv1.Site{
		Name: crmtest.AcmeSite, Point: &geov1.Point{Longitude: 121},
		Area: &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{Center: before.GetSite().GetPoint(), Radius: 70}}},
	}
	_, err = f.customers.UpdateSite(staff, &crmv1.UpdateSiteRequest{
		Site: change, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"point.longitude"}},
	})
	require.Equal(t, []string{"update_mask"}, fields(t, err))
	// Of the shapes of an area there is only one.
	after, err := f.customers.UpdateSite(staff, &crmv1.UpdateSiteRequest{
		Site: change, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"area.circle.radius", "area.circle.center.longitude"}},
	})
	require.NoError(t, err)
	require.InDelta(t, before.GetSite().GetPoint().GetLatitude(), after.GetSite().GetPoint().GetLatitude(), 0)
	require.InDelta(t, 70, after.GetSite().GetArea().GetCircle().GetRadius(), 0)
}
