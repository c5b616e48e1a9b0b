package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/crm"
	"waybill/crm/location"
	"waybill/crm/order"
	"waybill/gateway"
	"waybill/internal/lifecycle"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
	trackingrpc "waybill/tracking/rpc"
)

// motion is what the other roles need of tracking: the role itself where it runs in
// this process, and its client where it doesn't.
type motion interface {
	gateway.Sink
	gateway.Directory
	gateway.EventSink
	crm.Zones
	order.Motion
	location.Vehicles
}

// unavailableAfter is how long a fix waits for a database that is away. It is below
// what the MQTT endpoint gives a publish, so that the source hears why.
const unavailableAfter = 6 * time.Second

// wire makes the roles of this process and connects them.
func (p *process) wire(ctx context.Context) error {
	var (
		reach motion
		hub   = tracking.NewHub()
	)
	var client *trackingrpc.Client
	if len(p.settings.Peers.TrackingAddress) > 0 || !p.runs(roleTracking) {
		var err error
		if client, err = p.remoteTracking(hub); err != nil {
			return err
		}
	}
	if p.runs(roleTracking) {
		reach = p.tracking(hub)
	} else {
		reach = client
		p.awaitTracking(client)
	}
	// Both need the other: people's texts come by the gateway, and answers go by it.
	var stores *crmStores
	if p.runs(roleCRM) {
		var err error
		if stores, err = p.crmStores(reach, hub); err != nil {
			return err
		}
	}
	if p.runs(roleGateway) {
		people, err := p.correspondent(stores)
		if err != nil {
			return err
		}
		if err := p.gateway(reach, people); err != nil {
			return err
		}
	}
	if p.runs(roleCRM) {
		return p.crm(ctx, stores)
	}
	return nil
}

// localMotion is the tracking role of this process.
type localMotion struct {
	*tracking.Ingester
	*trackingpg.Registry
	*trackingpg.History
	*trackingpg.DeviceEvents
}

// tracking makes the tracking role: ingest, its storage and its services.
func (p *process) tracking(hub *tracking.Hub) motion {
	pool := p.store.pool
	fixes := trackingpg.NewFixStore(pool, trackingpg.FixOptions{
		FreshFor: p.settings.StaleAfter, Logger: p.log,
		Partitions: trackingpg.PartitionOptions{
			Retention: p.settings.Retention, SealAfter: p.settings.SealAfter, SealAgain: p.settings.SealAgain,
		},
	})
	ingester := tracking.NewIngester(fixes, tracking.IngesterOptions{
		UnavailableAfter: unavailableAfter,
		Retention:        p.settings.Retention, Hub: hub, Registerer: p.metrics, Logger: p.log,
	})
	registry := trackingpg.NewRegistry(pool, p.globals.Region)
	history := trackingpg.NewHistory(pool)
	events := trackingpg.NewDeviceEvents(pool, p.settings.StaleAfter)

	fixServer := trackingrpc.NewFixServer(trackingrpc.FixOptions{
		Sink: ingester, Senders: registry, History: history, Seen: history, Past: history, Hub: hub, Log: p.log,
	})
	trackingv1.RegisterDeviceServiceServer(p.rpc, trackingrpc.NewDeviceServer(registry, p.log))
	trackingv1.RegisterVehicleServiceServer(p.rpc, trackingrpc.NewVehicleServer(registry, history, p.log))
	trackingv1.RegisterZoneServiceServer(p.rpc, trackingrpc.NewZoneServer(registry, p.log))
	trackingv1.RegisterDirectoryServiceServer(p.rpc, trackingrpc.NewDirectoryServer(registry, p.log))
	trackingv1.RegisterFixServiceServer(p.rpc, fixServer)
	trackingv1.RegisterAlertServiceServer(p.rpc, trackingrpc.NewAlertServer(history, p.log))
	trackingv1.RegisterDeviceEventServiceServer(p.rpc, trackingrpc.NewDeviceEventServer(events, p.log))
	trackingv1.RegisterHistoryServiceServer(p.rpc, trackingrpc.NewHistoryServer(history, p.log))
	trackingv1.RegisterTripServiceServer(p.rpc, trackingrpc.NewTripServer(history, p.log))
	trackingv1.RegisterPassageServiceServer(p.rpc, trackingrpc.NewPassageServer(history, p.log))

	p.add("partitions", fixes.Partitions().Run)
	p.add("zones", fixes.KeepZones)
	p.add("ingester", ingester.Run)
	p.add("sweep", trackingpg.NewSweep(pool, trackingpg.SweepOptions{
		SilentAfter: p.settings.SilentAfter, Hears: p.hears(fixServer), Logger: p.log,
	}).Run)
	p.leave = append(p.leave, fixServer.Close, hub.Close)
	return &localMotion{Ingester: ingester, Registry: registry, History: history, DeviceEvents: events}
}

// hears says whether fixes can reach the tracking role of this process: as long as it
// runs, where the gateway role runs beside it, and else while a gateway is connected.
func (p *process) hears(fixes *trackingrpc.FixServer) func() bool {
	if p.runs(roleGateway) {
		return nil
	}
	return fixes.Hears
}

// remoteTracking reaches the tracking role in other processes, and fills the hub with
// the positions that they tell. A process that runs the role itself may be told of the
// others for that alone.
func (p *process) remoteTracking(hub *tracking.Hub) (*trackingrpc.Client, error) {
	anyone, err := p.conns.peer(roleTracking)
	if err != nil {
		return nil, err
	}
	processes, err := p.conns.peers(roleTracking)
	if err != nil {
		return nil, err
	}
	client := trackingrpc.NewClient(anyone, processes...)
	if p.runs(roleCRM) || p.runs(roleTracking) {
		p.add("positions", func(ctx context.Context) error {
			client.Relay(ctx, hub, p.log)
			return nil
		})
	}
	if p.runs(roleCRM) && !p.runs(roleTracking) {
		// Each tracking process tells what it has stored; here they are together.
		trackingv1.RegisterFixServiceServer(p.rpc, trackingrpc.NewWatchServer(trackingrpc.WatchOptions{Seen: client, Hub: hub, Log: p.log}))
	}
	p.components = append(p.components, lifecycle.Component{Name: "tracking client", Stop: func(context.Context) error {
		hub.Close()
		client.Close()
		return nil
	}})
	return client, nil
}

// awaitTracking has the process ready when a tracking role can be reached.
func (p *process) awaitTracking(client *trackingrpc.Client) {
	p.check("tracking", func(ctx context.Context) error {
		_, err := client.ByUID(ctx, "waybill-readiness")
		if err == nil || errors.Is(err, tracking.ErrNotFound) {
			return nil
		}
		return fmt.Errorf("the tracking role at %s does not answer: %w", strings.Join(p.settings.Peers.TrackingAddress, ", "), err)
	})
}
