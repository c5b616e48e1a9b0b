package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// journeyRequest is a request for a page of trips or stops.
type journeyRequest interface {
	GetParent() string
	GetFromTime() *timestamppb.Timestamp
	GetToTime() *timestamppb.Timestamp
	GetPageSize() int32
	GetPageToken() string
}

// journeyQuery asks for one more than the page has.
func journeyQuery(r journeyRequest) (tracking.JourneyQuery, error) {
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return tracking.JourneyQuery{}, err
	}
	query := tracking.JourneyQuery{From: from, To: to, Size: paging.Size(r.GetPageSize(), usualPage, largestPage) + 1}
	if query.Vehicle, query.Device, err = moverOf("parent", r.GetParent()); err != nil {
		return query, err
	}
	if err := paging.Decode(r.GetPageToken(), &query.After); err != nil {
		return query, rpcerr.From(err)
	}
	if query.After.Device != "" && tracking.CheckUID("page_token", query.After.Device) != nil {
		return query, rpcerr.From(paging.ErrToken)
	}
	return query, nil
}

// zoneOfTime reads the name of a time zone.
func zoneOfTime(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name) // empty is UTC
	if err != nil || name == "Local" {
		return nil, rpcerr.Invalid(rpcerr.Field("time_zone", "give a name of the IANA database, like Asia/Shanghai"))
	}
	return zone, nil
}

func tripToWire(t *tracking.Trip) *trackingv1.Trip {
	return &trackingv1.Trip{
		Device: resourceName(devices, t.Device), Vehicle: resourceName(vehicles, t.Vehicle),
		StartTime: timeToWire(t.Start), EndTime: timeToWire(t.End),
		StartPosition: pointToWire(t.From), EndPosition: pointToWire(t.To),
		Distance: t.Distance.Metres(), MaxSpeed: numberToWire(t.MaxSpeed), UnderWay: t.UnderWay,
	}
}

func stopToWire(t *tracking.Stop, names map[string]string) *trackingv1.Stop {
	stop := &trackingv1.Stop{
		Device: resourceName(devices, t.Device), Vehicle: resourceName(vehicles, t.Vehicle),
		StartTime: timeToWire(t.Start), EndTime: timeToWire(t.End), Position: pointToWire(t.Position),
		IdleDuration: durationpb.New(t.Idle), UnderWay: t.UnderWay,
	}
	for _, zone := range t.Zones {
		stop.Zones = append(stop.Zones, &trackingv1.StopZone{Zone: resourceName(zones, zone), DisplayName: names[zone]})
	}
	return stop
}

func utilizationToWire(u *tracking.Utilization) *trackingv1.Utilization {
	return &trackingv1.Utilization{
		Date: u.Date, StartTime: timeToWire(u.Start), EndTime: timeToWire(u.End),
		MovingDuration: durationpb.New(u.Moving), IdlingDuration: durationpb.New(u.Idling), StoppedDuration: durationpb.New(u.Stopped),
		Distance: u.Distance.Metres(), TripCount: int32(u.Trips), //nolint:gosec // a trip takes time
		FirstStartTime: timeToWire(u.FirstStart), LastEndTime: timeToWire(u.LastEnd), MaxSpeed: numberToWire(u.MaxSpeed),
	}
}

func zoneTimeToWire(z *tracking.ZoneTime, names map[string]string) *trackingv1.ZoneTime {
	return &trackingv1.ZoneTime{
		Zone: resourceName(zones, z.Zone), DisplayName: names[z.Zone], Owner: z.Owner,
		VisitCount: int32(z.Visits), Duration: durationpb.New(z.Duration), //nolint:gosec // a visit takes time
	}
}
