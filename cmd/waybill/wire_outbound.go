package main

import (
	"waybill/gateway"
	"waybill/gateway/modem"
	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	gatewaypg "waybill/gateway/postgres"
	gatewayrpc "waybill/gateway/rpc"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// outbox is what sends texts, and what hears of them afterwards.
type outbox struct {
	queue    *gatewaypg.Outbound
	desk     *outbound.Desk
	metrics  *outbound.Metrics
	reports  *outbound.Reports
	commands *command.Service
}

// outbox makes what sends texts, and serves it.
func (p *process) outbox(devices gateway.Directory) (*outbox, error) {
	metrics, err := outbound.NewMetrics(p.metrics)
	if err != nil {
		return nil, err
	}
	queue := gatewaypg.NewOutbound(p.store.pool)
	o := &outbox{
		queue: queue, metrics: metrics, desk: &outbound.Desk{Store: queue, Region: p.globals.Region},
		reports: &outbound.Reports{Store: queue, Region: p.globals.Region, Log: p.log, Metrics: metrics},
	}
	o.commands = &command.Service{Store: gatewaypg.NewCommands(p.store.pool), Devices: devices}
	gatewayv1.RegisterCommandServiceServer(p.rpc, gatewayrpc.NewCommandServer(o.commands, p.log))
	p.texts = gatewayrpc.NewTextServer(o.desk, p.log)
	gatewayv1.RegisterTextServiceServer(p.rpc, p.texts)
	return o, nil
}

// dispatch sends what is queued through the modems that are ready.
func (p *process) dispatch(o *outbox, pool *modem.Pool) {
	ready := func() []outbound.Port { return sendingPorts(pool.Ready()) }
	dispatcher := outbound.NewDispatcher(o.queue, ready, outbound.Settings{PerMinute: p.settings.Modem.PerMinute}, p.log, o.metrics)
	o.desk.Wake, o.commands.Wake = dispatcher.Wake, dispatcher.Wake
	// It stops before the modems do, so that what they have in hand is learned.
	p.add("texts", dispatcher.Run)
}

// sendingPorts are the modems that have a network; when none has, all: some networks say so late, or not at all.
func sendingPorts(modems []*modem.Modem) []outbound.Port {
	var all, registered []outbound.Port
	for _, m := range modems {
		status := m.Status()
		if status.IMSI == "" {
			continue
		}
		all = append(all, port{m, status.IMSI})
		if status.Registration == modem.Home || status.Registration == modem.Roaming {
			registered = append(registered, port{m, status.IMSI})
		}
	}
	if len(registered) > 0 {
		return registered
	}
	return all
}

// port is a modem with the SIM that it had when it was ready.
type port struct {
	*modem.Modem
	sim string
}

// SIM is the IMSI.
func (p port) SIM() string { return p.sim }
