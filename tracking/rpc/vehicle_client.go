package rpc

import (
	"context"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// Vehicle returns the vehicle, or [tracking.ErrNotFound].
func (c *Client) Vehicle(ctx context.Context, uid string) (tracking.Vehicle, error) {
	if tracking.CheckUID("uid", uid) != nil {
		return tracking.Vehicle{}, tracking.ErrNotFound
	}
	r, err := c.vehicles.GetVehicle(ctx, &trackingv1.GetVehicleRequest{Name: resourceName(vehicles, uid)})
	if err != nil {
		return tracking.Vehicle{}, understood(ctx, err)
	}
	vehicle := vehicleFromWire(r.GetVehicle())
	vehicle.UID = uid
	vehicle.CreateTime = timeFromWire(r.GetVehicle().GetCreateTime())
	vehicle.UpdateTime = timeFromWire(r.GetVehicle().GetUpdateTime())
	return vehicle, nil
}
