package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"waybill/gateway"
	"waybill/gateway/modem"
	"waybill/gateway/mqtt"
	gatewaypg "waybill/gateway/postgres"
	gatewayrpc "waybill/gateway/rpc"
	"waybill/internal/lifecycle"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// gateway makes the gateway role: the roads by which devices report.
func (p *process) gateway(reach motion) error {
	kept := gatewaypg.New(p.store.pool, gatewaypg.Bounds{})
	intake := gateway.NewIntake(reach, kept, gateway.Settings{}, p.log, p.metrics)
	texts := &gateway.Texts{Intake: intake, Directory: reach, Formats: textFormats(), Binaries: binaryFormats()}
	topics := mqtt.Road{Directory: reach}

	if err := p.endpoint(intake, reach); err != nil {
		return err
	}
	if err := p.broker(intake, reach); err != nil {
		return err
	}
	ports, err := p.modems(texts)
	if err != nil {
		return err
	}
	replayer := &gateway.Replayer{Intake: intake, Archive: kept, Roads: map[string]gateway.Road{
		gateway.RoadSMS: texts, mqtt.RoadEndpoint: topics, mqtt.RoadBroker: topics,
	}}
	gatewayv1.RegisterRejectedInputServiceServer(p.rpc, gatewayrpc.NewRejectedInputServer(kept, replayer, p.log))
	gatewayv1.RegisterModemServiceServer(p.rpc, gatewayrpc.NewModemServer(ports))
	p.outbound()
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

// modems opens the GSM modems.
func (p *process) modems(texts *gateway.Texts) ([]gatewayrpc.Port, error) {
	metrics, err := modem.NewMetrics(p.metrics)
	if err != nil {
		return nil, err
	}
	dir, err := p.globals.dataDir()
	if err != nil {
		return nil, err
	}
	ports := make([]gatewayrpc.Port, 0, len(p.settings.Modem.Path))
	for _, path := range p.settings.Modem.Path {
		m, err := modem.New(modem.Config{
			Name: filepath.Base(path), Open: modem.Serial(path, p.settings.Modem.Baud), Handler: modem.Intake{Texts: texts},
			PIN: p.settings.Modem.PIN, PINs: modem.PINFiles{Folder: filepath.Join(dir, "modem-pins")}, SweepInterval: p.settings.Modem.Sweep, Metrics: metrics, Logger: p.log,
		})
		if err != nil {
			return nil, err
		}
		ports = append(ports, gatewayrpc.Port{Path: path, Modem: m})
		p.add("modem "+path, m.Run)
	}
	if len(ports) > 0 {
		p.check("modems", func(context.Context) error { return anyReady(ports) })
	}
	return ports, nil
}

// anyReady is nil while one modem can receive.
func anyReady(ports []gatewayrpc.Port) error {
	var errs []error
	for _, port := range ports {
		status := port.Modem.Status()
		if status.State == modem.Ready {
			return nil
		}
		errs = append(errs, fmt.Errorf("modem %s is %s: %s", status.Name, status.State, status.LastError))
	}
	return errors.Join(errs...)
}
