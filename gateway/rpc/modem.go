package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/gateway/modem"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// Modems are the modems of this process; it is [*modem.Pool].
type Modems interface {
	// Modems gives all of them in an order that only grows at its end.
	Modems() []*modem.Modem
}

// ModemServer serves ModemService for the modems of this process.
type ModemServer struct {
	gatewayv1.UnimplementedModemServiceServer
	modems Modems
}

// NewModemServer makes the server. The modems stay the caller's.
func NewModemServer(modems Modems) *ModemServer { return &ModemServer{modems: modems} }

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
		Name: "modems/" + s.Name, Path: s.Path, State: modemState(s), Model: s.Maker + " " + s.Model, Imei: s.IMEI, Imsi: s.IMSI,
		Operator: s.Operator, Registration: string(s.Registration), LastError: s.LastError, SinceTime: timestamppb.New(s.Since),
	}
	if s.Signal < 0 {
		dbm := int32(s.Signal) //nolint:gosec // a signal in dBm is small
		wire.SignalDbm = &dbm
	}
	for _, m := range s.Memories {
		wire.Stored += int32(m.Used)    //nolint:gosec // a SIM holds a few hundred messages
		wire.Capacity += int32(m.Total) //nolint:gosec // as above
	}
	if !s.LastTextTime.IsZero() {
		wire.LastTextTime = timestamppb.New(s.LastTextTime)
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
	case modem.Opening:
		if s.LastError != "" {
			return gatewayv1.ModemState_MODEM_STATE_FAILED
		}
		return gatewayv1.ModemState_MODEM_STATE_STARTING
	case modem.Initialising:
		return gatewayv1.ModemState_MODEM_STATE_STARTING
	case modem.Closed, modem.SIMMissing, modem.Unplugged, modem.Double:
		return gatewayv1.ModemState_MODEM_STATE_FAILED
	default:
		return gatewayv1.ModemState_MODEM_STATE_UNSPECIFIED
	}
}
