package rpc

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"sync"

	"waybill/gateway/modem"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

const modems = "modems/"

// Modems are the modems of this process; it is [*modem.Pool].
type Modems interface {
	// Modems gives all of them in an order that only grows at its end.
	Modems() []*modem.Modem
	// Modem gives the one of that name, or nil.
	Modem(name string) *modem.Modem
}

// ModemServer serves ModemService for the modems of this process.
type ModemServer struct {
	gatewayv1.UnimplementedModemServiceServer
	modems Modems
	log    *slog.Logger

	quit chan struct{} // Closed to end the traces.
	stop sync.Once
}

// NewModemServer makes the server. The modems stay the caller's; Close ends its streams.
func NewModemServer(modems Modems, log *slog.Logger) *ModemServer {
	return &ModemServer{modems: modems, log: log, quit: make(chan struct{})}
}

// Close ends the traces that run.
func (s *ModemServer) Close() { s.stop.Do(func() { close(s.quit) }) }

// ListModems lists the modems in the order in which they were found.
func (s *ModemServer) ListModems(_ context.Context, q *gatewayv1.ListModemsRequest) (*gatewayv1.ListModemsResponse, error) {
	modems := s.modems.Modems()
	var begin int
	if err := paging.Decode(q.GetPageToken(), &begin); err != nil || begin < 0 || begin > len(modems) {
		return nil, rpcerr.From(paging.ErrToken)
	}
	end := min(begin+paging.Size(q.GetPageSize(), usualPage, mostPage), len(modems))
	resp := &gatewayv1.ListModemsResponse{}
	for _, m := range modems[begin:end] {
		resp.Modems = append(resp.Modems, modemToWire(m.Status()))
	}
	if end < len(modems) {
		var err error
		if resp.NextPageToken, err = paging.Encode(end); err != nil {
			return nil, rpcerr.From(err)
		}
	}
	return resp, nil
}

func modemToWire(s modem.Status) *gatewayv1.Modem {
	wire := &gatewayv1.Modem{
		Name: modems + s.Name, Path: s.Path, State: modemState(s), Model: strings.TrimSpace(s.Maker + " " + s.Model),
		Imei: s.IMEI, Iccid: s.ICCID, Imsi: s.IMSI, Number: s.Number,
		Operator: s.Operator, Registration: string(s.Registration), LostTime: timeOrNil(s.Lost),
		LastError: s.LastError, LastErrorTime: timeOrNil(s.LastErrorTime), SinceTime: timeOrNil(s.Since), LastTextTime: timeOrNil(s.LastTextTime),
		WaitingParts: int32(s.Waiting), Resets: int32(s.Resets), //nolint:gosec // neither grows so large
		LastReset: string(s.LastReset), LastResetTime: timeOrNil(s.LastResetTime),
	}
	if s.Signal < 0 {
		dbm := int32(s.Signal) //nolint:gosec // a signal in dBm is small
		wire.SignalDbm = &dbm
	}
	if !math.IsNaN(s.Temperature) {
		wire.TemperatureCelsius = &s.Temperature
	}
	for _, m := range s.Memories {
		usage := &gatewayv1.MemoryUsage{Memory: string(m.Memory), Used: int32(m.Used), Capacity: int32(m.Total)} //nolint:gosec // a SIM holds a few hundred messages
		wire.Memories = append(wire.Memories, usage)
		wire.Stored += usage.GetUsed()
		wire.Capacity += usage.GetCapacity()
	}
	return wire
}

// modemState is what a state means to who looks at it from outside.
func modemState(s modem.Status) gatewayv1.ModemState {
	switch s.State {
	case modem.Ready:
		return gatewayv1.ModemState_MODEM_STATE_READY
	case modem.PINRefused:
		return gatewayv1.ModemState_MODEM_STATE_LOCKED
	case modem.SIMMissing:
		return gatewayv1.ModemState_MODEM_STATE_NO_SIM
	case modem.Unplugged:
		return gatewayv1.ModemState_MODEM_STATE_UNPLUGGED
	case modem.Double:
		return gatewayv1.ModemState_MODEM_STATE_DOUBLE
	case modem.Opening:
		if s.LastError != "" {
			return gatewayv1.ModemState_MODEM_STATE_FAILED
		}
		return gatewayv1.ModemState_MODEM_STATE_STARTING
	case modem.Initialising:
		return gatewayv1.ModemState_MODEM_STATE_STARTING
	case modem.Closed:
		return gatewayv1.ModemState_MODEM_STATE_FAILED
	default:
		return gatewayv1.ModemState_MODEM_STATE_UNSPECIFIED
	}
}
