package main

import (
	"waybill/gateway"
	"waybill/gateway/modem"
	"waybill/gateway/mqtt"
	"waybill/gateway/pattern"
	gatewaypg "waybill/gateway/postgres"
	gatewayrpc "waybill/gateway/rpc"
	"waybill/internal/lifecycle"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// gateway makes the gateway role: the roads by which devices report.
func (p *process) gateway(reach motion, people gateway.Correspondent) error {
	kept := gatewaypg.New(p.store.pool, gatewaypg.Bounds{})
	intake := gateway.NewIntake(reach, kept, gateway.Settings{Events: reach}, p.log, p.metrics)
	patterns := gatewaypg.NewPatterns(p.store.pool)
	book := pattern.NewBook(patterns, p.log)
	texts := &gateway.Texts{
		Intake: intake, Directory: reach, Formats: textFormats(), Binaries: binaryFormats(), Taught: book, People: people,
	}
	topics := mqtt.Road{Directory: reach}

	if err := p.endpoint(intake, reach); err != nil {
		return err
	}
	if err := p.broker(intake, reach); err != nil {
		return err
	}
	outbox, err := p.outbox(reach)
	if err != nil {
		return err
	}
	texts.Answers = outbox.commands
	pool, err := p.modems(modem.Intake{Texts: texts}, kept, outbox)
	if err != nil {
		return err
	}
	replayer := &gateway.Replayer{Intake: intake, Archive: kept, Roads: map[string]gateway.Road{
		gateway.RoadSMS: texts, mqtt.RoadEndpoint: topics, mqtt.RoadBroker: topics,
	}}
	gatewayv1.RegisterRejectedInputServiceServer(p.rpc, gatewayrpc.NewRejectedInputServer(kept, replayer, p.log))
	gatewayv1.RegisterPatternServiceServer(p.rpc, gatewayrpc.NewPatternServer(newTeacher(patterns, book, texts, kept, replayer), p.log))
	modemServer := gatewayrpc.NewModemServer(pool, p.log)
	gatewayv1.RegisterModemServiceServer(p.rpc, modemServer)
	p.leave = append(p.leave, modemServer.Close)
	p.dispatch(outbox, pool)
	return nil
}

// endpoint opens what devices connect to by MQTT.
func (p *process) endpoint(intake *gateway.Intake, directory gateway.Directory) error {
	if p.settings.MQTTAddress == "" {
		return nil
	}
	config, err := p.settings.MQTTTLS.config()
	if err != nil {
		return err
	}
	endpoint := mqtt.NewEndpoint(mqtt.EndpointSettings{
		Address: p.settings.MQTTAddress, TLS: config,
		Ready: func() bool { return p.store.cluster == nil || p.store.cluster.Health() == nil },
	}, intake, directory, p.log, p.metrics)
	p.components = append(p.components, lifecycle.Component{Name: "MQTT endpoint", Start: endpoint.Start, Stop: endpoint.Stop})
	return nil
}

// broker reads from an outside broker, when one is named.
func (p *process) broker(intake *gateway.Intake, directory gateway.Directory) error {
	s := p.settings.Broker
	if s.URL == "" {
		return nil
	}
	settings := mqtt.BrokerSettings{
		URL: s.URL, ClientID: s.ClientID, Username: s.Username, Password: s.Password, Topics: s.Topic, Group: s.Share,
	}
	if s.CA != "" {
		var err error
		if settings.TLS, err = trust(s.CA); err != nil {
			return err
		}
	}
	broker, err := mqtt.NewBroker(settings, intake, directory, p.log, p.metrics)
	if err != nil {
		return err
	}
	p.components = append(p.components, lifecycle.Component{Name: "broker client", Start: broker.Start, Stop: broker.Stop})
	return nil
}
