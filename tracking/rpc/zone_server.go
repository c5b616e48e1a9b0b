package rpc

import (
	"context"
	"log/slog"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	"waybill/internal/updatemask"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// ZoneServer serves ZoneService.
type ZoneServer struct {
	trackingv1.UnimplementedZoneServiceServer
	zones tracking.ZoneRegistry
	log   *slog.Logger
}

// NewZoneServer returns a server over the registry.
func NewZoneServer(registry tracking.ZoneRegistry, log *slog.Logger) *ZoneServer {
	return &ZoneServer{zones: registry, log: log}
}

// CreateZone draws a zone.
func (s *ZoneServer) CreateZone(ctx context.Context, r *trackingv1.CreateZoneRequest) (*trackingv1.CreateZoneResponse, error) {
	zone, err := zoneFromWire(r.GetZone().GetDisplayName(), r.GetZone().GetArea(), "zone.area")
	if err != nil {
		return nil, err
	}
	if err := limitsFromWire(&zone, r.GetZone()); err != nil {
		return nil, err
	}
	zone.UID = r.GetZoneId()
	zone, err = s.zones.CreateZone(ctx, zone, r.GetRequestId())
	if err != nil {
		about := subject{name: resourceName(zones, r.GetZoneId()), prefix: "zone", uidField: "zone_id"}
		return nil, answer(ctx, s.log, err, about)
	}
	return &trackingv1.CreateZoneResponse{Zone: zoneToWire(zone)}, nil
}

// GetZone returns one zone.
func (s *ZoneServer) GetZone(ctx context.Context, r *trackingv1.GetZoneRequest) (*trackingv1.GetZoneResponse, error) {
	uid, err := uidOf(zones, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	zone, err := s.zones.Zone(ctx, uid)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.GetZoneResponse{Zone: zoneToWire(zone)}, nil
}

// ListZones lists zones by name.
func (s *ZoneServer) ListZones(ctx context.Context, r *trackingv1.ListZonesRequest) (*trackingv1.ListZonesResponse, error) {
	after, err := pageAfter(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	size := paging.Size(r.GetPageSize(), usualPage, largestPage)
	rows, err := s.zones.Zones(ctx, tracking.Page{After: after, Size: size + 1})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: zones})
	}
	page, next, err := paging.Cut(rows, size, func(z tracking.Zone) any { return z.UID })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListZonesResponse{NextPageToken: next}
	for _, zone := range page {
		response.Zones = append(response.Zones, zoneToWire(zone))
	}
	return response, nil
}

// UpdateZone changes the fields that the mask names.
func (s *ZoneServer) UpdateZone(ctx context.Context, r *trackingv1.UpdateZoneRequest) (*trackingv1.UpdateZoneResponse, error) {
	uid, err := uidOf(zones, "zone.name", r.GetZone().GetName())
	if err != nil {
		return nil, err
	}
	named, err := updatemask.Fields(r.GetZone(), r.GetUpdateMask(), updatemask.Rules{
		Changeable: []string{"display_name", "area", "speed_limit", "dwell_limit"},
	})
	if err != nil {
		return nil, err
	}
	zone := tracking.Zone{DisplayName: r.GetZone().GetDisplayName()}
	if named["area"] {
		if zone, err = zoneFromWire(zone.DisplayName, r.GetZone().GetArea(), "zone.area"); err != nil {
			return nil, err
		}
	}
	if named["speed_limit"] || named["dwell_limit"] {
		if err := limitsFromWire(&zone, r.GetZone()); err != nil {
			return nil, err
		}
	}
	zone.UID = uid
	mask := tracking.ZoneMask{
		DisplayName: named["display_name"], Ground: named["area"],
		SpeedLimit: named["speed_limit"], DwellLimit: named["dwell_limit"],
	}
	zone, err = s.zones.UpdateZone(ctx, zone, mask)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetZone().GetName(), prefix: "zone"})
	}
	return &trackingv1.UpdateZoneResponse{Zone: zoneToWire(zone)}, nil
}

// DeleteZone removes a zone.
func (s *ZoneServer) DeleteZone(ctx context.Context, r *trackingv1.DeleteZoneRequest) (*trackingv1.DeleteZoneResponse, error) {
	uid, err := uidOf(zones, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.zones.DeleteZone(ctx, uid); err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.DeleteZoneResponse{}, nil
}

// PutOwnedZone sets the one zone of an owner, or removes it.
func (s *ZoneServer) PutOwnedZone(ctx context.Context, r *trackingv1.PutOwnedZoneRequest) (*trackingv1.PutOwnedZoneResponse, error) {
	zone, err := zoneFromWire(r.GetDisplayName(), r.GetArea(), "area")
	if err != nil {
		return nil, err
	}
	if r.GetArea() != nil && !zone.HasGround() {
		return nil, rpcerr.Invalid(rpcerr.Field("area", "give polygons, a circle or a corridor, or leave the area out to remove the zone"))
	}
	zone.Owner = r.GetOwner()
	zone, err = s.zones.PutOwnedZone(ctx, zone)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetOwner()})
	}
	if zone.UID == "" {
		return &trackingv1.PutOwnedZoneResponse{}, nil
	}
	return &trackingv1.PutOwnedZoneResponse{Zone: zoneToWire(zone)}, nil
}
