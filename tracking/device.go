package tracking

import "time"

// Device is a tracker: what makes fixes. It is fitted to a [Vehicle].
type Device struct {
	// UID is the public id: the last segment of the resource name, and the
	// username by which the device connects over MQTT.
	UID         string
	DisplayName string
	// IMEI is the 15 digits of the unit's modem, or empty.
	IMEI string
	// Phone is the number of the unit's SIM in E.164, or empty.
	Phone string
	// Model says how commands to it are written, as in "concox"; empty when it takes none.
	Model string
	// Zone is the time zone in which the unit writes local times; UTC when unset.
	Zone *time.Location
	// Disabled devices are refused at the door, and their input is kept as
	// rejected.
	Disabled bool
	// Limits say what is to be told of it.
	Limits Limits
	// Vehicle is the uid of the vehicle that it is fitted to now, or empty. It
	// changes by FitDevice alone.
	Vehicle string
	// HasCredential says whether a password was issued. It changes by
	// RotateCredential alone.
	HasCredential bool
	CreateTime    time.Time
	UpdateTime    time.Time
}

// Vehicle is what carries goods and moves.
type Vehicle struct {
	UID         string
	DisplayName string
	// Plate is the registration plate, or empty.
	Plate      string
	CreateTime time.Time
	UpdateTime time.Time
}

// Fitting says that a device was on a vehicle for a time. The primary one of
// those that hold at a moment drives the vehicle's transitions.
type Fitting struct {
	Device  string
	Vehicle string
	Primary bool
	// From is inclusive; To is exclusive and zero while the fitting holds.
	From, To time.Time
}
