package rpc

import (
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func vehicleToWire(v tracking.Vehicle) *trackingv1.Vehicle {
	return &trackingv1.Vehicle{
		Name:        resourceName(vehicles, v.UID),
		DisplayName: v.DisplayName,
		Plate:       v.Plate,
		CreateTime:  timeToWire(v.CreateTime),
		UpdateTime:  timeToWire(v.UpdateTime),
	}
}

// vehicleFromWire reads what a caller may set.
func vehicleFromWire(v *trackingv1.Vehicle) tracking.Vehicle {
	return tracking.Vehicle{DisplayName: v.GetDisplayName(), Plate: v.GetPlate()}
}

func visitToWire(v tracking.Visit) *trackingv1.Visit {
	return &trackingv1.Visit{
		Vehicle:    resourceName(vehicles, v.Vehicle),
		Zone:       resourceName(zones, v.Zone),
		Owner:      v.Owner,
		ArriveTime: timeToWire(v.Arrived),
		DepartTime: timeToWire(v.Departed),
	}
}

func visitFromServer(v *trackingv1.Visit) (tracking.Visit, error) {
	vehicle, err := uidOf(vehicles, "vehicle", v.GetVehicle())
	if err != nil {
		return tracking.Visit{}, err
	}
	zone, err := uidOf(zones, "zone", v.GetZone())
	if err != nil {
		return tracking.Visit{}, err
	}
	return tracking.Visit{
		Vehicle:  vehicle,
		Zone:     zone,
		Owner:    v.GetOwner(),
		Arrived:  timeFromWire(v.GetArriveTime()),
		Departed: timeFromWire(v.GetDepartTime()),
	}, nil
}
