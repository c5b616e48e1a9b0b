package rpc

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// How many days a page of utilizations has.
const (
	usualDays   = 31
	largestDays = 366
)

// Travels is what trips and stops are read from.
type Travels interface {
	tracking.Journeys
	tracking.Visits
	tracking.Seen
	// ZoneNames gives what people call the zones with the uids, also of those that are
	// deleted. It fails with [tracking.ErrUnavailable].
	ZoneNames(ctx context.Context, uids []string) (map[string]string, error)
}

// TripServer serves TripService.
type TripServer struct {
	trackingv1.UnimplementedTripServiceServer
	travels Travels
	log     *slog.Logger
}

// NewTripServer returns a server over the travels.
func NewTripServer(travels Travels, log *slog.Logger) *TripServer {
	return &TripServer{travels: travels, log: log}
}

// ListTrips lists trips, oldest first.
func (s *TripServer) ListTrips(ctx context.Context, r *trackingv1.ListTripsRequest) (*trackingv1.ListTripsResponse, error) {
	query, err := journeyQuery(r)
	if err != nil {
		return nil, err
	}
	size := query.Size - 1
	rows, err := s.travels.Trips(ctx, query)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	page, next, err := paging.Cut(rows, size, func(t tracking.Trip) any { return tracking.JourneyMark{Start: t.Start, Device: t.Device} })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListTripsResponse{NextPageToken: next}
	for i := range page {
		response.Trips = append(response.Trips, tripToWire(&page[i]))
	}
	return response, nil
}

// ListStops lists stops, oldest first.
func (s *TripServer) ListStops(ctx context.Context, r *trackingv1.ListStopsRequest) (*trackingv1.ListStopsResponse, error) {
	query, err := journeyQuery(r)
	if err != nil {
		return nil, err
	}
	size := query.Size - 1
	rows, err := s.travels.Stops(ctx, query)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	page, next, err := paging.Cut(rows, size, func(t tracking.Stop) any { return tracking.JourneyMark{Start: t.Start, Device: t.Device} })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	names, err := s.placeStops(ctx, query.Vehicle, page)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	response := &trackingv1.ListStopsResponse{NextPageToken: next}
	for i := range page {
		response.Stops = append(response.Stops, stopToWire(&page[i], names))
	}
	return response, nil
}

// placeStops fills in the zones of a vehicle's stops, and gives their names. Visits are
// of vehicles alone.
func (s *TripServer) placeStops(ctx context.Context, vehicle string, stops []tracking.Stop) (map[string]string, error) {
	if vehicle == "" {
		return map[string]string{}, nil
	}
	if err := tracking.PlaceStops(ctx, s.travels, vehicle, stops); err != nil {
		return nil, err
	}
	var zones []string
	for i := range stops {
		zones = append(zones, stops[i].Zones...)
	}
	return s.travels.ZoneNames(ctx, zones)
}

// GetMileage returns how far a vehicle went.
func (s *TripServer) GetMileage(ctx context.Context, r *trackingv1.GetMileageRequest) (*trackingv1.GetMileageResponse, error) {
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	query := tracking.JourneyQuery{From: from, To: to}
	if query.Vehicle, query.Device, err = moverOf("name", r.GetName()); err != nil {
		return nil, err
	}
	way, err := s.travels.Mileage(ctx, query)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.GetMileageResponse{Distance: way.Metres()}, nil
}

// daysToken is where a page of days ends.
type daysToken struct{ From time.Time }

// ListUtilizations lists what was done day by day.
func (s *TripServer) ListUtilizations(ctx context.Context, r *trackingv1.ListUtilizationsRequest) (*trackingv1.ListUtilizationsResponse, error) {
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	token := daysToken{From: from}
	if err := paging.Decode(r.GetPageToken(), &token); err != nil {
		return nil, rpcerr.From(err)
	}
	zone, err := zoneOfTime(r.GetTimeZone())
	if err != nil {
		return nil, err
	}
	size := paging.Size(r.GetPageSize(), usualDays, largestDays)
	query := tracking.UtilizationQuery{From: token.From, To: to, Zone: zone, Size: size + 1}
	if query.Vehicle, query.Device, err = moverOf("parent", r.GetParent()); err != nil {
		return nil, err
	}
	rows, err := s.travels.Utilizations(ctx, query)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	page, next, err := paging.Cut(rows, size, func(u tracking.Utilization) any { return daysToken{u.End} })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListUtilizationsResponse{NextPageToken: next}
	for i := range page {
		response.Utilizations = append(response.Utilizations, utilizationToWire(&page[i]))
	}
	return response, nil
}

// zoneTimesToken is how many were on the pages before.
type zoneTimesToken struct{ Skip int }

// ListZoneTimes lists how long a vehicle was in zones.
func (s *TripServer) ListZoneTimes(ctx context.Context, r *trackingv1.ListZoneTimesRequest) (*trackingv1.ListZoneTimesResponse, error) {
	vehicle, err := uidOf(vehicles, "parent", r.GetParent())
	if err != nil {
		return nil, err
	}
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	var token zoneTimesToken
	if err := paging.Decode(r.GetPageToken(), &token); err != nil || token.Skip < 0 {
		return nil, rpcerr.From(paging.ErrToken)
	}
	rows, err := tracking.ZoneTimes(ctx, s.travels, s.travels, vehicle, from, to)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	rows = rows[min(token.Skip, len(rows)):]
	size := paging.Size(r.GetPageSize(), usualPage, largestPage)
	page, next, err := paging.Cut(rows, size, func(tracking.ZoneTime) any { return zoneTimesToken{token.Skip + size} })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	uids := make([]string, 0, len(page))
	for _, zone := range page {
		uids = append(uids, zone.Zone)
	}
	names, err := s.travels.ZoneNames(ctx, uids)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	response := &trackingv1.ListZoneTimesResponse{NextPageToken: next}
	for i := range page {
		response.ZoneTimes = append(response.ZoneTimes, zoneTimeToWire(&page[i], names))
	}
	return response, nil
}

// moverOf reads the name of a vehicle or device that stands in the field.
func moverOf(field, name string) (vehicle, device string, err error) {
	if strings.HasPrefix(name, devices+"/") {
		device, err = uidOf(devices, field, name)
	} else {
		vehicle, err = uidOf(vehicles, field, name)
	}
	return vehicle, device, err
}
