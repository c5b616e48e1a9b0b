package main

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"waybill/gateway"
	"waybill/gateway/mqtt"
	"waybill/gateway/pattern"
	gatewaypg "waybill/gateway/postgres"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

// offline is the gateway as a command needs it: what is kept, and the roads to read it
// again. No device connects to it.
type offline struct {
	kept     *gatewaypg.Store
	replayer *gateway.Replayer
	teacher  *pattern.Teacher
}

// withGateway runs a command's work with a gateway on the database, beside a server or
// alone.
func withGateway(ctx context.Context, g *Globals, c *console, s *store, work func(*offline) error) error {
	registry := trackingpg.NewRegistry(s.pool, g.Region)
	ingester := tracking.NewIngester(trackingpg.NewFixStore(s.pool, trackingpg.FixOptions{Logger: c.log}), tracking.IngesterOptions{Logger: c.log})
	kept, patterns := gatewaypg.New(s.pool, gatewaypg.Bounds{}), gatewaypg.NewPatterns(s.pool)
	intake := gateway.NewIntake(ingester, kept, gateway.Settings{Events: trackingpg.NewDeviceEvents(s.pool, 0)}, c.log, prometheus.NewRegistry())
	book, topics := pattern.NewBook(patterns, c.log), mqtt.Road{Directory: registry}
	texts := &gateway.Texts{Intake: intake, Directory: registry, Formats: textFormats(), Binaries: binaryFormats(), Taught: book}
	replayer := &gateway.Replayer{Intake: intake, Archive: kept, Roads: map[string]gateway.Road{
		gateway.RoadSMS: texts, mqtt.RoadEndpoint: topics, mqtt.RoadBroker: topics,
	}}
	o := &offline{kept: kept, replayer: replayer, teacher: newTeacher(patterns, book, texts, kept, replayer)}

	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- ingester.Run(running) }()
	err := work(o)
	stop()
	return errors.Join(err, <-ended)
}

// newTeacher makes who teaches formats to the gateway.
func newTeacher(patterns *gatewaypg.Patterns, book *pattern.Book, texts *gateway.Texts, kept *gatewaypg.Store, replayer *gateway.Replayer) *pattern.Teacher {
	return &pattern.Teacher{Store: patterns, Book: book, BuiltIn: texts, Inputs: kept, Replayer: replayer, Directory: texts.Directory}
}
