package tracking

import (
	"context"
	"time"
)

// Page asks for a part of a list that is sorted by uid.
type Page struct {
	// After is the uid after which the page begins; empty for the first.
	After string
	// Size is how many at most.
	Size int
}

// Devices is the registry of devices. Every method may fail with [ErrUnavailable].
type Devices interface {
	// CreateDevice registers a device; without a UID it makes one up. A call that
	// repeats a requestID (unless it is empty) returns the device as it is stored.
	//
	// It fails with a [FieldError] of [ErrExists] or [ErrInvalid].
	CreateDevice(ctx context.Context, device Device, requestID string) (Device, error)
	// Device returns one, or [ErrNotFound].
	Device(ctx context.Context, uid string) (Device, error)
	// Devices lists them by uid.
	Devices(ctx context.Context, page Page) ([]Device, error)
	// UpdateDevice changes the fields of the device with the UID that the mask
	// names. It fails with [ErrNotFound], or as CreateDevice does.
	UpdateDevice(ctx context.Context, device Device, mask DeviceMask) (Device, error)
	// RotateCredential issues a new password and ends the old one, or fails with
	// [ErrNotFound]. Only a hash of it is kept.
	RotateCredential(ctx context.Context, uid string) (password string, err error)
}

// DeviceMask names fields of a [Device] to change.
type DeviceMask struct{ DisplayName, IMEI, Phone, Model, Zone, Disabled, Limits bool }

// Vehicles is the registry of vehicles and of what is fitted to them. Every method
// may fail with [ErrUnavailable].
type Vehicles interface {
	// CreateVehicle registers a vehicle, as [Devices] does with devices.
	CreateVehicle(ctx context.Context, vehicle Vehicle, requestID string) (Vehicle, error)
	// Vehicle returns one, or [ErrNotFound].
	Vehicle(ctx context.Context, uid string) (Vehicle, error)
	// Vehicles lists them by uid.
	Vehicles(ctx context.Context, page Page) ([]Vehicle, error)
	// UpdateVehicle changes the fields of the vehicle with the UID that the mask
	// names.
	UpdateVehicle(ctx context.Context, vehicle Vehicle, mask VehicleMask) (Vehicle, error)
	// FitDevice says that a device is on a vehicle from fitting.From on (now when
	// zero), and ends the fitting of the device that holds then. Saying it twice is
	// harmless.
	//
	// It fails with a [FieldError] of [ErrNotFound] for an unknown device or
	// vehicle, and of [ErrFitted] when it contradicts other fittings.
	FitDevice(ctx context.Context, fitting Fitting) error
}

// VehicleMask names fields of a [Vehicle] to change.
type VehicleMask struct{ DisplayName, Plate bool }

// ZoneRegistry is the registry of zones. Every method may fail with [ErrUnavailable].
type ZoneRegistry interface {
	// CreateZone draws a zone, as [Devices] creates devices. Its Owner has to be
	// empty.
	CreateZone(ctx context.Context, zone Zone, requestID string) (Zone, error)
	// Zone returns one, or [ErrNotFound].
	Zone(ctx context.Context, uid string) (Zone, error)
	// Zones lists them by uid.
	Zones(ctx context.Context, page Page) ([]Zone, error)
	// UpdateZone changes the fields of the zone with the UID that the mask names.
	// What was derived from it before stays. It fails with a [FieldError] of
	// [ErrOwned] when the zone is the ground of a facility or site, unless only limits
	// are named.
	UpdateZone(ctx context.Context, zone Zone, mask ZoneMask) (Zone, error)
	// DeleteZone removes a zone; its visits stay. It fails with [ErrNotFound], and as
	// UpdateZone does.
	DeleteZone(ctx context.Context, uid string) error
	// PutOwnedZone sets the one zone of zone.Owner, the resource name of a facility or
	// site, and returns it; without ground it removes it and returns a Zone without
	// UID. Limits that the zone has stay as they are. It is idempotent.
	PutOwnedZone(ctx context.Context, zone Zone) (Zone, error)
}

// ZoneMask names fields of a [Zone] to change. Ground is Area, Center, Radius, Path and
// Width.
type ZoneMask struct{ DisplayName, Ground, SpeedLimit, DwellLimit bool }

// Directory says whose input it is. Every method may fail with [ErrUnavailable].
type Directory interface {
	// Authenticate checks the name and password that a device gave. It fails with
	// [ErrUnauthenticated], and for a disabled device as well.
	Authenticate(ctx context.Context, username, password string) (Device, error)
	// ByPhone finds the device with the number, E.164, or [ErrNotFound]. It may be
	// disabled.
	ByPhone(ctx context.Context, phone string) (Device, error)
	// ByUID finds the device with the uid, or [ErrNotFound]. It may be disabled.
	ByUID(ctx context.Context, uid string) (Device, error)
}

// Positions says where things were last seen. Every method may fail with
// [ErrUnavailable].
type Positions interface {
	// Position is where the vehicle was last seen: the newest fix that its primary
	// device made on it. It fails with [ErrNotFound] for a vehicle that is unknown or
	// was never seen.
	Position(ctx context.Context, vehicle string) (Position, error)
	// DevicePosition is where the device was last seen. It fails like Position.
	DevicePosition(ctx context.Context, device string) (Position, error)
}

// Fleet lists where everything was last seen.
type Fleet interface {
	// Positions lists by uid of the device where vehicles, and devices that are on
	// none, were last seen. It fails with [ErrUnavailable].
	Positions(ctx context.Context, filter Filter, page Page) ([]Position, error)
}

// Past says where things were seen last at a time or before, as far as it is known by
// now. Every method may fail with [ErrUnavailable].
type Past interface {
	// PositionAt is where the vehicle was. It fails with [ErrNotFound] for a vehicle
	// that is unknown or was not seen by then.
	PositionAt(ctx context.Context, vehicle string, at time.Time) (Position, error)
	// DevicePositionAt is where the device was, and the vehicle that it was on. It fails
	// like PositionAt.
	DevicePositionAt(ctx context.Context, device string, at time.Time) (Position, error)
	// PositionsAt lists them as a [Fleet] lists where things are.
	PositionsAt(ctx context.Context, at time.Time, filter Filter, page Page) ([]Position, error)
}

// Visits says which zones vehicles were in.
type Visits interface {
	// Visits lists the visits of the vehicle that overlap the time from from
	// (inclusive; from the first when zero) to to (exclusive; to the last when
	// zero), by time of arrival and uid of the zone. It fails with [ErrNotFound]
	// for an unknown vehicle, and with [ErrUnavailable].
	Visits(ctx context.Context, vehicle string, from, to time.Time, page VisitPage) ([]Visit, error)
}

// VisitPage asks for a part of a list of visits: those after the one that arrived
// at the time in the zone, at most Size, all when it is zero.
type VisitPage struct {
	Arrived time.Time
	Zone    string
	Size    int
}
