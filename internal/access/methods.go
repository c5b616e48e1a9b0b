package access

import (
	"slices"
	"strings"
)

// Table says which roles may call which gRPC method, by full method name
// (`/waybill.crm.v1.OrderService/GetOrder`). A method that is missing from it is
// refused.
type Table struct {
	roles  map[string][]Role
	public []string
}

// Methods is the table of every method of the API.
func Methods() Table {
	var (
		admin     = []Role{Admin}
		fleetPeer = []Role{Admin, Dispatcher, Peer}
		fleet     = []Role{Admin, Dispatcher}
		staff     = []Role{Admin, Dispatcher, Service}
		staffPeer = []Role{Admin, Dispatcher, Service, Peer}
		operate   = []Role{Admin, Dispatcher, Analyst}
		read      = []Role{Admin, Dispatcher, Analyst, Service}
		readPeer  = []Role{Admin, Dispatcher, Analyst, Service, Peer}
		peer      = []Role{Peer}
		ingest    = []Role{Admin, Device, Peer}
		ownToo    = []Role{Admin, Dispatcher, Analyst, Service, Customer}
		t         = Table{
			roles: make(map[string][]Role),
			// What tells nothing of anybody.
			public: []string{"/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"},
		}
	)

	t.allow("waybill.access.v1.TokenService", admin, "CreateToken", "ListTokens", "RevokeToken")

	t.allow("waybill.tracking.v1.DeviceService", fleet, "CreateDevice", "UpdateDevice", "RotateDeviceCredential")
	t.allow("waybill.tracking.v1.DeviceService", read, "GetDevice", "ListDevices")
	t.allow("waybill.tracking.v1.VehicleService", fleet, "CreateVehicle", "UpdateVehicle", "FitDevice")
	t.allow("waybill.tracking.v1.VehicleService", readPeer, "GetVehicle", "ListVehicles", "ListVisits")
	t.allow("waybill.tracking.v1.ZoneService", fleet, "CreateZone", "UpdateZone", "DeleteZone")
	t.allow("waybill.tracking.v1.ZoneService", read, "GetZone", "ListZones")
	t.allow("waybill.tracking.v1.ZoneService", peer, "PutOwnedZone")
	t.allow("waybill.tracking.v1.FixService", ingest, "IngestFixes")
	t.allow("waybill.tracking.v1.FixService", readPeer, "ListFixes", "GetPosition", "ListPositions", "WatchPositions")
	t.allow("waybill.tracking.v1.HistoryService", read, "GetTrack", "StreamTrack")
	t.allow("waybill.tracking.v1.PassageService", read, "ListPassages")
	t.allow("waybill.tracking.v1.TripService", operate, "ListTrips", "ListStops", "GetMileage", "ListUtilizations", "ListZoneTimes")
	t.allow("waybill.tracking.v1.AlertService", operate, "ListAlerts", "GetAlert", "ListConditions")
	t.allow("waybill.tracking.v1.AlertService", fleet, "AcknowledgeAlert")
	t.allow("waybill.tracking.v1.DeviceEventService", ingest, "RecordDeviceEvent")
	t.allow("waybill.tracking.v1.DeviceEventService", operate, "ListDeviceEvents")
	t.allow("waybill.tracking.v1.DirectoryService", peer, "AuthenticateDevice", "ResolveDevice")

	t.allow("waybill.gateway.v1.RejectedInputService", read, "ListRejectedInputs")
	t.allow("waybill.gateway.v1.RejectedInputService", fleet, "ReplayRejectedInput")
	t.allow("waybill.gateway.v1.PatternService", read, "GetPattern", "ListPatterns", "TryPattern")
	t.allow("waybill.gateway.v1.PatternService", fleet, "CreatePattern", "DeletePattern", "RecoverRejectedInputs")
	t.allow("waybill.gateway.v1.ModemService", read, "ListModems")
	t.allow("waybill.gateway.v1.ModemService", fleet, "TraceModem")
	t.allow("waybill.gateway.v1.AlertService", operate, "ListAlerts", "GetAlert")
	t.allow("waybill.gateway.v1.AlertService", fleet, "AcknowledgeAlert")
	t.allow("waybill.gateway.v1.TextService", staffPeer, "SendText")
	t.allow("waybill.gateway.v1.TextService", readPeer, "GetText", "ListTexts", "EstimateText")
	t.allow("waybill.gateway.v1.TextService", fleetPeer, "CancelText")
	t.allow("waybill.gateway.v1.CommandService", read, "ListCommandTemplates", "GetCommand", "ListCommands")
	t.allow("waybill.gateway.v1.CommandService", fleet, "SendCommand", "ConfirmCommand")
	t.allow("waybill.gateway.v1.CommandService", admin, "PutCommandTemplate", "DeleteCommandTemplate")

	t.allow("waybill.crm.v1.CustomerService", staff, "CreateCustomer", "UpdateCustomer",
		"CreateContact", "UpdateContact", "DeleteContact", "CreateSite", "UpdateSite")
	t.allow("waybill.crm.v1.CustomerService", read, "ListCustomers")
	t.allow("waybill.crm.v1.CustomerService", ownToo, "GetCustomer", "ListContacts", "GetSite", "ListSites")
	t.allow("waybill.crm.v1.FacilityService", fleet, "CreateFacility", "UpdateFacility", "CreateStation", "CreateStorageLocation")
	t.allow("waybill.crm.v1.FacilityService", read, "GetFacility", "ListFacilities", "ListStations", "ListStorageLocations")
	t.allow("waybill.crm.v1.OrderService", staff, "CreateOrder", "UpdateOrder", "CreateShipment", "RecordEvent")
	t.allow("waybill.crm.v1.OrderService", ownToo, "GetOrder", "ListOrders", "ListShipments", "ListEvents")
	t.allow("waybill.crm.v1.LocationService", ownToo, "GetOrderLocation", "WatchOrderLocation", "WatchCustomerPositions")
	t.allow("waybill.crm.v1.TrackingLinkService", staff, "CreateTrackingLink", "ListTrackingLinks", "RevokeTrackingLink")
	t.allow("waybill.crm.v1.TextService", peer, "ReceiveText")
	t.allow("waybill.crm.v1.TextService", staff, "SendCustomerText", "GetOptOut", "ListOptOuts", "SetOptOut")
	t.allow("waybill.crm.v1.InteractionService", staff, "ListInteractions")
	t.allow("waybill.crm.v1.SearchService", ownToo, "Search")
	return t
}

// Names lists the methods that the table allows to somebody.
func (t Table) Names() []string {
	names := make([]string, 0, len(t.roles))
	for name := range t.roles {
		names = append(names, name)
	}
	return names
}

// Public says whether the method needs no token.
func (t Table) Public(method string) bool {
	for _, prefix := range t.public {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// Allows says whether a caller of the role may call the method.
func (t Table) Allows(method string, role Role) bool {
	return slices.Contains(t.roles[method], role)
}

// rolesOf names the roles that may call the method.
func (t Table) rolesOf(method string) string {
	words := make([]string, 0, len(t.roles[method]))
	for _, r := range t.roles[method] {
		words = append(words, string(r))
	}
	return strings.Join(words, " or ")
}

// Known says whether the table has the method.
func (t Table) Known(method string) bool {
	_, ok := t.roles[method]
	return ok || t.Public(method)
}

func (t Table) allow(service string, roles []Role, methods ...string) {
	for _, m := range methods {
		t.roles["/"+service+"/"+m] = roles
	}
}
