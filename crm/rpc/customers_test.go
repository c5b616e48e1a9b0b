package rpc_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/crm/crmtest"
	crmv1 "waybill/proto/waybill/crm/v1"
	geov1 "waybill/proto/waybill/geo/v1"
)

func TestCustomerService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	admin := as(t, "")
	made, err := f.customers.CreateCustomer(admin, &crmv1.CreateCustomerRequest{
		CustomerId: "zeta", Customer: &crmv1.Customer{DisplayName: "Zeta", Language: "en", Phone: "+49301234567"}, RequestId: uuid.NewString(),
	})
	require.NoError(t, err)
	require.Equal(t, "customers/zeta", made.GetCustomer().GetName())
	_, err = f.customers.CreateCustomer(admin, &crmv1.CreateCustomerRequest{Customer: &crmv1.Customer{DisplayName: "Z"}, RequestId: "again"})
	require.Equal(t, []string{"request_id"}, fields(t, err))
	_, err = f.customers.CreateCustomer(admin, &crmv1.CreateCustomerRequest{CustomerId: "acme", Customer: &crmv1.Customer{DisplayName: "A"}})
	require.Equal(t, codes.AlreadyExists, status.Code(err))
	_, err = f.customers.CreateCustomer(admin, &crmv1.CreateCustomerRequest{Customer: &crmv1.Customer{DisplayName: "A\x00"}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))

	updated, err := f.customers.UpdateCustomer(admin, &crmv1.UpdateCustomerRequest{
		Customer:   &crmv1.Customer{Name: "customers/zeta", DisplayName: "Not this", Email: "z@example.com"},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"email"}},
	})
	require.NoError(t, err)
	require.Equal(t, "Zeta", updated.GetCustomer().GetDisplayName())
	require.Equal(t, "z@example.com", updated.GetCustomer().GetEmail())
	updated, err = f.customers.UpdateCustomer(admin, &crmv1.UpdateCustomerRequest{
		Customer: &crmv1.Customer{Name: "customers/zeta", DisplayName: "Zeta 2"},
	})
	require.NoError(t, err, "without a mask, what is there counts")
	require.Equal(t, "z@example.com", updated.GetCustomer().GetEmail())
	_, err = f.customers.UpdateCustomer(admin, &crmv1.UpdateCustomerRequest{
		Customer: &crmv1.Customer{Name: "customers/zeta"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"nothing"}},
	})
	require.Equal(t, []string{"update_mask"}, fields(t, err))

	list, err := f.customers.ListCustomers(admin, &crmv1.ListCustomersRequest{PageSize: 2})
	require.NoError(t, err)
	require.Len(t, list.GetCustomers(), 2)
	_, err = f.customers.ListCustomers(admin, &crmv1.ListCustomersRequest{PageToken: "rubbish"})
	require.Equal(t, []string{"page_token"}, fields(t, err))

	_, missing := f.customers.GetCustomer(as(t, crmtest.Acme), &crmv1.GetCustomerRequest{Name: "customers/nobody"})
	_, foreign := f.customers.GetCustomer(as(t, crmtest.Acme), &crmv1.GetCustomerRequest{Name: "customers/zeta"})
	require.Equal(t, codes.NotFound, status.Code(missing))
	require.Equal(t, codes.NotFound, status.Code(foreign))
	_, err = f.customers.GetCustomer(as(t, crmtest.Acme), &crmv1.GetCustomerRequest{Name: crmtest.Acme})
	require.NoError(t, err)
	_, err = f.customers.GetCustomer(admin, &crmv1.GetCustomerRequest{Name: "acme"})
	require.Equal(t, []string{"name"}, fields(t, err))
}

func TestContactService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	admin := as(t, "")
	made, err := f.customers.CreateContact(admin, &crmv1.CreateContactRequest{
		Parent: crmtest.Acme, ContactId: "li", Contact: &crmv1.Contact{DisplayName: "Li", Phone: "13911223344"},
	})
	require.NoError(t, err)
	require.Equal(t, "customers/acme/contacts/li", made.GetContact().GetName())
	changed, err := f.customers.UpdateContact(admin, &crmv1.UpdateContactRequest{
		Contact: &crmv1.Contact{Name: made.GetContact().GetName(), Language: "zh"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"language"}},
	})
	require.NoError(t, err)
	require.Equal(t, "+8613911223344", changed.GetContact().GetPhone())
	list, err := f.customers.ListContacts(as(t, crmtest.Acme), &crmv1.ListContactsRequest{Parent: crmtest.Acme})
	require.NoError(t, err)
	require.Len(t, list.GetContacts(), 1)
	_, err = f.customers.ListContacts(as(t, crmtest.Rival), &crmv1.ListContactsRequest{Parent: crmtest.Acme})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.customers.DeleteContact(admin, &crmv1.DeleteContactRequest{Name: made.GetContact().GetName()})
	require.NoError(t, err)
}

func TestSiteService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	admin := as(t, "")
	circle := &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{Center: &geov1.Point{Longitude: 1, Latitude: 2}, Radius: 40}}}
	made, err := f.customers.CreateSite(admin, &crmv1.CreateSiteRequest{
		Parent: crmtest.Acme, SiteId: "dock",
		Site: &crmv1.Site{DisplayName: "Dock", Point: &geov1.Point{Longitude: 1, Latitude: 2}, Area: circle},
	})
	require.NoError(t, err)
	require.True(t, proto.Equal(circle, made.GetSite().GetArea()))
	got, err := f.customers.GetSite(as(t, crmtest.Acme), &crmv1.GetSiteRequest{Name: made.GetSite().GetName()})
	require.NoError(t, err)
	require.True(t, proto.Equal(made.GetSite(), got.GetSite()))
	changed, err := f.customers.UpdateSite(admin, &crmv1.UpdateSiteRequest{
		Site:       &crmv1.Site{Name: made.GetSite().GetName(), Point: &geov1.Point{Longitude: 3, Latitude: 4}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"point.longitude", "point.latitude", "area"}},
	})
	require.NoError(t, err)
	require.InDelta(t, 3, changed.GetSite().GetPoint().GetLongitude(), 0)
	require.Nil(t, changed.GetSite().GetArea(), "the usual circle again")
	_, err = f.customers.CreateSite(admin, &crmv1.CreateSiteRequest{Parent: crmtest.Acme, Site: &crmv1.Site{DisplayName: "Nowhere"}})
	require.Equal(t, []string{"site.point"}, fields(t, err))
	_, err = f.customers.GetSite(as(t, crmtest.Rival), &crmv1.GetSiteRequest{Name: crmtest.AcmeSite})
	require.Equal(t, codes.NotFound, status.Code(err))
	list, err := f.customers.ListSites(admin, &crmv1.ListSitesRequest{Parent: crmtest.Acme, PageSize: 1})
	require.NoError(t, err)
	require.NotEmpty(t, list.GetNextPageToken())
}

func TestFacilityService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	admin := as(t, "")
	ring := &geov1.Ring{Points: []*geov1.Point{{}, {Longitude: 0.1}, {Longitude: 0.1, Latitude: 0.1}, {}}}
	area := &geov1.Area{Shape: &geov1.Area_Polygons{Polygons: &geov1.MultiPolygon{Polygons: []*geov1.Polygon{{Rings: []*geov1.Ring{ring}}}}}}
	made, err := f.facilities.CreateFacility(admin, &crmv1.CreateFacilityRequest{
		FacilityId: "hub-1", Facility: &crmv1.Facility{
			DisplayName: "Hub", Kind: crmv1.FacilityKind_FACILITY_KIND_HUB, Point: &geov1.Point{}, Area: area,
		},
	})
	require.NoError(t, err)
	require.Equal(t, crmv1.FacilityKind_FACILITY_KIND_HUB, made.GetFacility().GetKind())
	got, err := f.facilities.GetFacility(admin, &crmv1.GetFacilityRequest{Name: "facilities/hub-1"})
	require.NoError(t, err)
	require.True(t, proto.Equal(made.GetFacility(), got.GetFacility()))
	_, err = f.facilities.CreateFacility(admin, &crmv1.CreateFacilityRequest{Facility: &crmv1.Facility{Point: &geov1.Point{}}})
	require.Equal(t, []string{"facility.display_name", "facility.kind"}, fields(t, err))
	_, err = f.facilities.CreateStation(admin, &crmv1.CreateStationRequest{Parent: "facilities/nope", Station: &crmv1.Station{DisplayName: "S"}})
	require.Equal(t, codes.NotFound, status.Code(err))
	station, err := f.facilities.CreateStation(admin, &crmv1.CreateStationRequest{
		Parent: "facilities/hub-1", StationId: "s", Station: &crmv1.Station{DisplayName: "S", Line: "1"},
	})
	require.NoError(t, err)
	require.Equal(t, "facilities/hub-1/stations/s", station.GetStation().GetName())
	shelf, err := f.facilities.CreateStorageLocation(admin, &crmv1.CreateStorageLocationRequest{
		Parent: "facilities/hub-1", StorageLocationId: "l", StorageLocation: &crmv1.StorageLocation{DisplayName: "L"},
	})
	require.NoError(t, err)
	require.Equal(t, "facilities/hub-1/storageLocations/l", shelf.GetStorageLocation().GetName())
	updated, err := f.facilities.UpdateFacility(admin, &crmv1.UpdateFacilityRequest{
		Facility: &crmv1.Facility{Name: "facilities/hub-1", Kind: crmv1.FacilityKind_FACILITY_KIND_WAREHOUSE},
	})
	require.NoError(t, err)
	require.Equal(t, crmv1.FacilityKind_FACILITY_KIND_WAREHOUSE, updated.GetFacility().GetKind())
	stations, err := f.facilities.ListStations(admin, &crmv1.ListStationsRequest{Parent: "facilities/hub-1"})
	require.NoError(t, err)
	require.Len(t, stations.GetStations(), 1)
	locations, err := f.facilities.ListStorageLocations(admin, &crmv1.ListStorageLocationsRequest{Parent: "facilities/hub-1"})
	require.NoError(t, err)
	require.Len(t, locations.GetStorageLocations(), 1)
	all, err := f.facilities.ListFacilities(admin, &crmv1.ListFacilitiesRequest{})
	require.NoError(t, err)
	require.Len(t, all.GetFacilities(), 3)
}
