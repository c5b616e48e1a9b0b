package gateway

import (
	"context"

	"waybill/tracking"
)

// Sink takes fixes. In one process it is the ingester of package tracking, between processes its client.
type Sink interface {
	// Deliver blocks until it is decided what becomes of the reports, and says so for each, in their order. An error,
	// or an outcome of [tracking.Retry], means that nothing was decided: the source must send again.
	Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error)
}

// EventSink takes what devices say without a position. In one process it is the store of package tracking/postgres,
// between processes tracking's client.
type EventSink interface {
	// RecordDeviceEvent says what became of the event: stored, duplicate or rejected. With an error nothing was decided:
	// the source must send again.
	RecordDeviceEvent(ctx context.Context, event tracking.DeviceEvent) (tracking.Outcome, error)
}

// Directory knows the devices. Its methods return [tracking.ErrUnavailable] when it can't tell now.
type Directory interface {
	// Authenticate gives the device with this username (its uid) and password. For every other pair, and for a
	// disabled device, it returns [tracking.ErrUnauthenticated].
	Authenticate(ctx context.Context, username, password string) (tracking.Device, error)
	// ByPhone gives the device with this number, in E.164 or as a network gives it, or [tracking.ErrNotFound].
	ByPhone(ctx context.Context, phone string) (tracking.Device, error)
	// ByUID gives the device with this public id, or [tracking.ErrNotFound].
	ByUID(ctx context.Context, uid string) (tracking.Device, error)
}
