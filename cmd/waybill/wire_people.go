package main

import (
	"context"
	"fmt"
	"time"

	"waybill/crm/interaction"
	"waybill/crm/optout"
	crmrpc "waybill/crm/rpc"
	"waybill/crm/text"
	"waybill/gateway"
	gatewayrpc "waybill/gateway/rpc"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// desk makes what people's texts are taken by.
func (p *process) desk(s *crmStores) (*text.Desk, error) {
	settings := p.settings.Text
	zone := time.Local
	if settings.Zone != "" {
		var err error
		if zone, err = time.LoadLocation(settings.Zone); err != nil {
			return nil, usageError{fmt.Sprintf("--text-zone %s is not known; write it as in Asia/Shanghai", settings.Zone)}
		}
	}
	own := make([]string, 0, len(settings.Number))
	for _, given := range settings.Number {
		number, err := s.region.Normalize(given)
		if err != nil {
			return nil, usageError{fmt.Sprintf("--text-number %s: %v", given, err)}
		}
		own = append(own, number)
	}
	return text.NewDesk(text.Parts{
		Pool: p.store.pool, Links: s.links, Locations: s.locations, Region: s.region, Zone: zone,
		Limits: text.Limits{Each: settings.Each, All: settings.All, Window: settings.Window},
		Logger: p.log, Metrics: s.texts, Own: own,
	}), nil
}

// correspondent is who takes people's texts for the gateway of this process: its own
// desk, or that of the crm role in another process. Where neither is known they are
// rejected as those of unknown devices.
func (p *process) correspondent(s *crmStores) (gateway.Correspondent, error) {
	if s != nil {
		return localPeople{s.desk}, nil
	}
	if len(p.conns.addresses(roleCRM)) == 0 {
		p.log.Info("texts of people are not answered: --crm-address does not say where the role crm is")
		return nil, nil //nolint:nilnil // nil is how texts are told that there is nobody
	}
	conn, err := p.conns.peer(roleCRM)
	if err != nil {
		return nil, err
	}
	return gatewayrpc.NewCorrespondent(conn), nil
}

// localPeople is the desk of this process as the gateway sees it.
type localPeople struct{ desk *text.Desk }

// ReceiveText implements [gateway.Correspondent].
func (l localPeople) ReceiveText(ctx context.Context, t gateway.Text) (taken bool, err error) {
	return l.desk.Receive(ctx, text.Text{ID: t.ID, From: t.Sender, Time: t.Time, Body: string(t.Body)})
}

// people serves texts with people, and has what we say to them carried to the gateway.
func (p *process) people(s *crmStores) error {
	pool := p.store.pool
	sender := crmrpc.NewGateway(p.texts)
	if !p.runs(roleGateway) {
		conn, err := p.conns.peer(roleGateway)
		if err != nil {
			return err
		}
		sender = crmrpc.NewRemoteGateway(conn)
	}
	optOuts, interactions := optout.NewStore(pool, s.region), interaction.NewStore(pool)
	crmv1.RegisterTextServiceServer(p.rpc, crmrpc.NewTexts(crmrpc.TextParts{
		Desk: s.desk, Post: text.NewPost(pool, optOuts, interactions), OptOuts: optOuts, Gateway: sender, Logger: p.log,
	}))
	crmv1.RegisterInteractionServiceServer(p.rpc, crmrpc.NewInteractions(interactions, sender, s.region, p.log))
	p.metrics.MustRegister(s.texts)
	carrier := text.NewCarrier(pool, sender, p.log, s.texts)
	p.add("texts to people", func(ctx context.Context) error {
		carrier.Run(ctx)
		return nil
	})
	return nil
}
