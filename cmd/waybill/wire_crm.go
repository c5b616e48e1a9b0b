package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"waybill/crm/custody"
	"waybill/crm/customer"
	"waybill/crm/facility"
	crmhttp "waybill/crm/http"
	"waybill/crm/link"
	"waybill/crm/location"
	"waybill/crm/order"
	"waybill/crm/phone"
	"waybill/crm/place"
	crmrpc "waybill/crm/rpc"
	"waybill/crm/search"
	"waybill/crm/text"
	"waybill/internal/lifecycle"
	"waybill/proto"
	accessv1 "waybill/proto/waybill/access/v1"
	crmv1 "waybill/proto/waybill/crm/v1"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
	"waybill/web"
)

// mostWatchers bounds those who watch orders at one time.
const mostWatchers = 20_000

// crmStores are what the crm role keeps and knows.
type crmStores struct {
	orders    *order.Store
	customers *customer.Store
	links     *link.Store
	places    *facility.Store
	changes   *order.Changes
	locations *location.Service
	desk      *text.Desk
	texts     *text.Metrics
	region    phone.Region
}

// crmStores makes them.
func (p *process) crmStores(reach motion, hub *tracking.Hub) (*crmStores, error) {
	pool, region := p.store.pool, phone.Region(p.globals.Region)
	s := &crmStores{
		orders: order.NewStore(pool, reach), customers: customer.NewStore(pool, reach, region), links: link.NewStore(pool, p.publicURL()),
		places: facility.NewStore(pool, reach), changes: order.NewChanges(mostWatchers), texts: text.NewMetrics(), region: region,
	}
	s.locations = location.NewService(location.Parts{
		Pool: pool, Orders: s.orders, Vehicles: reach, Positions: hub, Nearby: place.NewStore(pool), Changes: s.changes, Logger: p.log,
	}, location.WithLive(p.settings.LiveAge))
	var err error
	s.desk, err = p.desk(s)
	return s, err
}

// crm makes the crm role: customers, orders, where they are, texts with people, and the
// pages.
func (p *process) crm(ctx context.Context, s *crmStores) error {
	pool, orders, customers := p.store.pool, s.orders, s.customers
	orderServer := crmrpc.NewOrders(orders, p.log)
	locationServer := crmrpc.NewLocations(s.locations, p.log)
	crmv1.RegisterCustomerServiceServer(p.rpc, crmrpc.NewCustomers(customers, p.log))
	crmv1.RegisterFacilityServiceServer(p.rpc, crmrpc.NewFacilities(s.places, p.log))
	crmv1.RegisterOrderServiceServer(p.rpc, orderServer)
	crmv1.RegisterLocationServiceServer(p.rpc, locationServer)
	crmv1.RegisterTrackingLinkServiceServer(p.rpc, crmrpc.NewLinks(s.links, orders, p.log))
	crmv1.RegisterSearchServiceServer(p.rpc, crmrpc.NewSearch(search.New(pool, orders, customers, s.region), p.log))
	if err := p.people(s); err != nil {
		return err
	}

	metrics := custody.NewMetrics()
	p.metrics.MustRegister(metrics)
	consumer := custody.NewConsumer(pool, orders, p.log, custody.WithMetrics(metrics))
	p.add("custody", func(ctx context.Context) error {
		consumer.Run(ctx)
		return nil
	})
	if p.settings.Gazetteer {
		p.add("gazetteer", func(ctx context.Context) error {
			p.fillGazetteer(ctx)
			return nil
		})
	}
	p.add("order changes", func(ctx context.Context) error {
		s.changes.Run(ctx, pool, p.log)
		return nil
	})
	return p.pages(ctx, s.links, crmhttp.Servers{OrderServer: orderServer, LocationServer: locationServer})
}

// fillGazetteer reads the places that the program carries into a database that has
// none. Without them positions are not put in words, and all else works.
func (p *process) fillGazetteer(ctx context.Context) {
	err := func() error {
		var known bool
		if err := p.store.pool.QueryRow(ctx, `select exists (select from crm.place)`).Scan(&known); err != nil || known {
			return err
		}
		file, err := web.Places()
		if err != nil {
			return err
		}
		_, err = place.NewStore(p.store.pool).Import(ctx, file)
		return errors.Join(err, file.Close())
	}()
	if err != nil && ctx.Err() == nil {
		p.log.WarnContext(ctx, "positions are not put in words; `waybill import places` mends that", "error", err)
	}
}

// publicURL is what tracking links begin with.
func (p *process) publicURL() string {
	if p.settings.PublicURL != "" {
		return p.settings.PublicURL
	}
	if p.settings.HTTPTLS.TLSCert != "" {
		return "https://" + p.settings.HTTPAddress
	}
	return "http://" + p.settings.HTTPAddress
}

// pages mounts the HTTP face: pages, REST, streams and files.
func (p *process) pages(ctx context.Context, links *link.Store, orders crmhttp.Servers) error {
	rest, relays, err := p.rest(ctx)
	if err != nil {
		return err
	}
	number := ""
	if len(p.settings.Text.Number) > 0 {
		number = p.settings.Text.Number[0]
	}
	handler, err := crmhttp.New(crmhttp.Options{
		API: rest, OpenAPI: proto.OpenAPI(), Pages: web.Files(), Links: links, Orders: orders,
		Fixes:     trackingv1.NewFixServiceClient(relays[roleTracking]),
		Positions: trackingv1.NewFixServiceClient(relays[roleCRM]),
		History:   trackingv1.NewHistoryServiceClient(relays[roleTracking]),
		Locations: crmv1.NewLocationServiceClient(relays[roleCRM]),
		Log:       p.log, LiveAge: p.settings.LiveAge, Secure: strings.HasPrefix(p.settings.PublicURL, "https://"),
		TrustedProxies: p.settings.TrustedProxies, TextNumber: number,
	})
	if err != nil {
		return err
	}
	p.mux.Handle("/", handler)
	p.components = append(p.components, lifecycle.Component{Name: "pages", Stop: func(context.Context) error {
		handler.Stop()
		return nil
	}})
	return nil
}

// rest makes the REST face of all roles' services, and returns the connections it
// uses by role. Callers bring their own tokens.
func (p *process) rest(ctx context.Context) (http.Handler, map[string]*grpc.ClientConn, error) {
	mux := crmhttp.NewREST()
	type register = func(ctx context.Context, mux *runtime.ServeMux, conn *grpc.ClientConn) error
	relays := make(map[string]*grpc.ClientConn)
	for role, services := range map[string][]register{
		roleTracking: {
			trackingv1.RegisterDeviceServiceHandler, trackingv1.RegisterVehicleServiceHandler,
			trackingv1.RegisterZoneServiceHandler, trackingv1.RegisterFixServiceHandler, trackingv1.RegisterHistoryServiceHandler,
			trackingv1.RegisterTripServiceHandler,
			trackingv1.RegisterAlertServiceHandler, trackingv1.RegisterDeviceEventServiceHandler,
			trackingv1.RegisterPassageServiceHandler,
		},
		roleGateway: {
			gatewayv1.RegisterRejectedInputServiceHandler, gatewayv1.RegisterPatternServiceHandler, gatewayv1.RegisterModemServiceHandler,
			gatewayv1.RegisterAlertServiceHandler,
			gatewayv1.RegisterTextServiceHandler, gatewayv1.RegisterCommandServiceHandler,
		},
		roleCRM: {
			accessv1.RegisterTokenServiceHandler,
			crmv1.RegisterCustomerServiceHandler, crmv1.RegisterFacilityServiceHandler, crmv1.RegisterOrderServiceHandler,
			crmv1.RegisterLocationServiceHandler, crmv1.RegisterTrackingLinkServiceHandler, crmv1.RegisterSearchServiceHandler,
			crmv1.RegisterTextServiceHandler, crmv1.RegisterInteractionServiceHandler,
		},
	} {
		conn, err := p.conns.relay(role)
		if err != nil {
			return nil, nil, err
		}
		relays[role] = conn
		for _, service := range services {
			if err := service(ctx, mux, conn); err != nil {
				return nil, nil, err
			}
		}
	}
	return mux, relays, nil
}
