package main

import (
	"context"
	"path/filepath"

	"waybill/gateway"
	"waybill/gateway/modem"
	"waybill/gateway/mqtt"
	gatewaypg "waybill/gateway/postgres"
	gatewayrpc "waybill/gateway/rpc"
	"waybill/internal/lifecycle"
	"waybill/internal/ops"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// gateway makes the gateway role: the roads by which devices report.
func (p *process) gateway(reach motion, people gateway.Correspondent) error {
	kept := gatewaypg.New(p.store.pool, gatewaypg.Bounds{})
	intake := gateway.NewIntake(reach, kept, gateway.Settings{Events: reach}, p.log, p.metrics)
	texts := &gateway.Texts{
		Intake: intake, Directory: reach, Formats: textFormats(), Binaries: binaryFormats(), People: people,
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

// modems makes the pool of GSM modems, and what puts long texts together.
func (p *process) modems(intake modem.Intake, long modem.LongTexts, outbox *outbox) (*modem.Pool, error) {
	metrics, err := modem.NewMetrics(p.metrics)
	if err != nil {
		return nil, err
	}
	dir, err := p.globals.dataDir()
	if err != nil {
		return nil, err
	}
	s := p.settings.Modem
	pins, err := modem.ParsePINs(s.PIN)
	if err != nil {
		return nil, usageError{"--modem-pin: " + err.Error()}
	}
	// Also without a modem: parts that another process has kept may wait.
	assembler := modem.NewAssembler(modem.AssemblerConfig{Store: long, Handler: intake, Wait: s.PartsWait, Logger: p.log})
	p.add("long texts", assembler.Run)
	pool, err := modem.NewPool(modem.PoolConfig{
		Paths: s.Path, Baud: s.Baud,
		Modem: modem.Config{
			Handler: intake, Parts: assembler, Reports: outbox.reports, Keys: pins, PINs: modem.PINFiles{Folder: filepath.Join(dir, "modem-pins")},
			SweepInterval: s.Sweep, NetworkWait: s.NetworkWait, Metrics: metrics, Logger: p.log,
		},
	})
	if err != nil {
		return nil, usageError{"--modem-path: " + err.Error()}
	}
	if len(s.Path) > 0 {
		p.add("modems", pool.Run)
		p.checks = append(p.checks, ops.Check{
			Name: "modems", Probe: func(context.Context) error { return pool.Check() }, Notes: pool.Deaf,
		})
	}
	return pool, nil
}
