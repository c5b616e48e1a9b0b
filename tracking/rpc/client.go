package rpc

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"waybill/internal/paging"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// Client is tracking in other processes, one or several that share a database. It is
// a [tracking.Directory], [tracking.Positions], [tracking.Fleet], [tracking.History]
// and [tracking.Visits], takes reports as the gateway's sink, and sets owned zones. It
// is safe for concurrent use.
type Client struct {
	directory trackingv1.DirectoryServiceClient
	events    trackingv1.DeviceEventServiceClient
	fixes     trackingv1.FixServiceClient
	history   trackingv1.HistoryServiceClient
	vehicles  trackingv1.VehicleServiceClient
	zones     trackingv1.ZoneServiceClient
	processes []Process
	*spreader
}

// Process is one process that runs the tracking role.
type Process struct {
	// Name is its address. Devices are spread by it, so all gateways should write it
	// alike: they spread devices alike then.
	Name       string
	Connection Connection
}

// Connection is a connection to one process: a [grpc.ClientConn].
type Connection interface {
	grpc.ClientConnInterface
	Connect()
	GetState() connectivity.State
	WaitForStateChange(ctx context.Context, from connectivity.State) bool
}

// NewClient returns a client that asks over the connection any of the processes, and
// sends reports to each its share of the devices. The connections stay the caller's;
// close the client before them.
func NewClient(anyone grpc.ClientConnInterface, processes ...Process) *Client {
	return &Client{
		directory: trackingv1.NewDirectoryServiceClient(anyone),
		events:    trackingv1.NewDeviceEventServiceClient(anyone),
		fixes:     trackingv1.NewFixServiceClient(anyone),
		history:   trackingv1.NewHistoryServiceClient(anyone),
		vehicles:  trackingv1.NewVehicleServiceClient(anyone),
		zones:     trackingv1.NewZoneServiceClient(anyone),
		processes: processes,
		spreader:  newSpreader(processes),
	}
}

// Authenticate checks the name and password that a device gave.
func (c *Client) Authenticate(ctx context.Context, username, password string) (tracking.Device, error) {
	if !utf8.ValidString(username) || !utf8.ValidString(password) {
		// It can't be sent, and no device has it.
		return tracking.Device{}, tracking.ErrUnauthenticated
	}
	r, err := c.directory.AuthenticateDevice(ctx, &trackingv1.AuthenticateDeviceRequest{Username: username, Password: password})
	if err != nil {
		return tracking.Device{}, understood(ctx, err)
	}
	return deviceFromServer(r.GetDevice())
}

// ByPhone finds the device with the number.
func (c *Client) ByPhone(ctx context.Context, phone string) (tracking.Device, error) {
	if !utf8.ValidString(phone) {
		return tracking.Device{}, tracking.ErrNotFound
	}
	return c.resolve(ctx, &trackingv1.ResolveDeviceRequest{Sender: &trackingv1.ResolveDeviceRequest_Phone{Phone: phone}})
}

// ByUID finds the device with the uid.
func (c *Client) ByUID(ctx context.Context, uid string) (tracking.Device, error) {
	if tracking.CheckUID("uid", uid) != nil {
		return tracking.Device{}, tracking.ErrNotFound
	}
	name := resourceName(devices, uid)
	return c.resolve(ctx, &trackingv1.ResolveDeviceRequest{Sender: &trackingv1.ResolveDeviceRequest_Name{Name: name}})
}

func (c *Client) resolve(ctx context.Context, request *trackingv1.ResolveDeviceRequest) (tracking.Device, error) {
	r, err := c.directory.ResolveDevice(ctx, request)
	if err != nil {
		return tracking.Device{}, understood(ctx, err)
	}
	return deviceFromServer(r.GetDevice())
}

// Position is where the vehicle was last seen.
func (c *Client) Position(ctx context.Context, vehicle string) (tracking.Position, error) {
	return c.position(ctx, vehicles, vehicle)
}

// DevicePosition is where the device was last seen.
func (c *Client) DevicePosition(ctx context.Context, device string) (tracking.Position, error) {
	return c.position(ctx, devices, device)
}

func (c *Client) position(ctx context.Context, collection, uid string) (tracking.Position, error) {
	if tracking.CheckUID("uid", uid) != nil {
		return tracking.Position{}, tracking.ErrNotFound
	}
	r, err := c.fixes.GetPosition(ctx, &trackingv1.GetPositionRequest{Name: resourceName(collection, uid)})
	if err != nil {
		return tracking.Position{}, understood(ctx, err)
	}
	return positionFromServer(r.GetPosition())
}

// Positions lists by uid of the device where vehicles, and devices that are on none,
// were last seen.
func (c *Client) Positions(ctx context.Context, filter tracking.Filter, page tracking.Page) ([]tracking.Position, error) {
	request := &trackingv1.ListPositionsRequest{Box: boxToWire(filter.Box)}
	for _, uid := range filter.Vehicles {
		request.Names = append(request.Names, resourceName(vehicles, uid))
	}
	for _, uid := range filter.Devices {
		request.Names = append(request.Names, resourceName(devices, uid))
	}
	after := page.After
	var positions []tracking.Position
	for len(positions) < page.Size {
		request.PageSize = int32(min(page.Size-len(positions), largestFixPage)) //nolint:gosec // it is bounded
		request.PageToken = ""
		if after != "" {
			token, err := paging.Encode(after)
			if err != nil {
				return nil, err
			}
			request.PageToken = token
		}
		r, err := c.fixes.ListPositions(ctx, request)
		if err != nil {
			return nil, understood(ctx, err)
		}
		some, err := positionsFromServer(r.GetPositions())
		if err != nil {
			return nil, err
		}
		positions = append(positions, some...)
		if r.GetNextPageToken() == "" {
			break
		}
		after = positions[len(positions)-1].Device
	}
	return positions, nil
}

// FixPage lists fixes of a device by time.
func (c *Client) FixPage(ctx context.Context, query tracking.FixQuery) ([]tracking.Report, error) {
	if tracking.CheckUID("uid", query.Device) != nil {
		return nil, tracking.ErrNotFound
	}
	request := &trackingv1.ListFixesRequest{
		Device:     resourceName(devices, query.Device),
		FromTime:   timeToWire(query.From),
		ToTime:     timeToWire(query.To),
		Descending: query.Descending,
	}
	after := query.After
	var reports []tracking.Report
	for len(reports) < query.Size {
		request.PageSize = int32(min(query.Size-len(reports), largestFixPage)) //nolint:gosec // it is bounded
		request.PageToken = ""
		if !after.IsZero() {
			token, err := paging.Encode(fixToken{after})
			if err != nil {
				return nil, err
			}
			request.PageToken = token
		}
		r, err := c.fixes.ListFixes(ctx, request)
		if err != nil {
			return nil, understood(ctx, err)
		}
		for _, wire := range r.GetFixes() {
			fix, bad := fixFromWire(wire)
			if bad != nil {
				return nil, fmt.Errorf("read fix: %s", bad.Detail)
			}
			reports = append(reports, tracking.Report{
				Device: query.Device, Received: timeFromWire(wire.GetReceiveTime()), Source: wire.GetSource(), Fix: fix,
			})
		}
		if r.GetNextPageToken() == "" {
			break
		}
		after = reports[len(reports)-1].Fix.Time
	}
	return reports, nil
}

// Visits lists the visits of the vehicle that overlap the time.
func (c *Client) Visits(ctx context.Context, vehicle string, from, to time.Time, page tracking.VisitPage) ([]tracking.Visit, error) {
	if tracking.CheckUID("uid", vehicle) != nil {
		return nil, tracking.ErrNotFound
	}
	request := &trackingv1.ListVisitsRequest{
		Vehicle: resourceName(vehicles, vehicle), FromTime: timeToWire(from), ToTime: timeToWire(to), PageSize: largestPage,
	}
	if !page.Arrived.IsZero() {
		token, err := paging.Encode(visitToken{Arrived: page.Arrived, Zone: page.Zone})
		if err != nil {
			return nil, err
		}
		request.PageToken = token
	}
	var visits []tracking.Visit
	for {
		if page.Size > 0 {
			request.PageSize = int32(min(page.Size-len(visits), largestPage)) //nolint:gosec // it is bounded
		}
		r, err := c.vehicles.ListVisits(ctx, request)
		if err != nil {
			return nil, understood(ctx, err)
		}
		for _, wire := range r.GetVisits() {
			visit, err := visitFromServer(wire)
			if err != nil {
				return nil, err
			}
			visits = append(visits, visit)
		}
		request.PageToken = r.GetNextPageToken()
		if request.GetPageToken() == "" || page.Size > 0 && len(visits) >= page.Size {
			return visits, nil
		}
	}
}

// PutOwnedZone sets the one zone of its owner, or removes it when the zone has no
// ground.
func (c *Client) PutOwnedZone(ctx context.Context, zone tracking.Zone) (tracking.Zone, error) {
	r, err := c.zones.PutOwnedZone(ctx, &trackingv1.PutOwnedZoneRequest{
		Owner: zone.Owner, DisplayName: zone.DisplayName, Area: areaToWire(zone),
	})
	if err != nil {
		return tracking.Zone{}, understood(ctx, err)
	}
	if r.GetZone() == nil {
		return tracking.Zone{}, nil
	}
	return zoneFromServer(r.GetZone())
}
