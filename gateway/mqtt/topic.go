package mqtt

import (
	"context"
	"fmt"
	"strings"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/codec/owntracks"
	"waybill/gateway/codec/waybilljson"
)

// Names of the roads.
const (
	RoadEndpoint = "mqtt"
	RoadBroker   = "broker"
)

// Topics are the filters that cover everything a device may publish.
func Topics() []string { return []string{"owntracks/+/#", "waybill/+/fixes"} }

// route is what a topic says.
type route struct {
	format string
	device string
	decode codec.DecodeMessage
	// unit is what stands behind the device in an OwnTracks topic.
	unit string
}

func parseTopic(topic string) (route, bool) {
	first, rest, _ := strings.Cut(topic, "/")
	device, rest, deeper := strings.Cut(rest, "/")
	if device == "" || !deeper {
		return route{}, false
	}
	switch {
	case first == "owntracks" && rest != "":
		return route{format: owntracks.Name, device: device, decode: owntracks.Decode, unit: rest}, true
	case first == "waybill" && rest == "fixes":
		return route{format: waybilljson.Name, device: device, decode: waybilljson.Decode}, true
	}
	return route{}, false
}

// Road reads messages whose sender has to be looked up: those of a broker, and everything that is replayed.
type Road struct {
	Directory gateway.Directory
}

// Read implements [gateway.Road].
func (r Road) Read(ctx context.Context, m *gateway.Message) (gateway.Reading, error) {
	route, ok := parseTopic(m.Topic)
	if !ok {
		return read(m, "")
	}
	device, err := r.Directory.ByUID(ctx, m.Sender)
	reading, err := gateway.Identified(device, err, m.Sender)
	if err != nil {
		reading.Format = route.format
		return reading, err
	}
	return read(m, reading.Device)
}

// session reads the messages of a sender who has said its password.
type session struct{}

func (session) Read(_ context.Context, m *gateway.Message) (gateway.Reading, error) {
	return read(m, m.Sender)
}

// maxUnit is how much of the rest of a topic becomes an attribute, in bytes.
const maxUnit = 128

// read decodes a message of a known device.
func read(m *gateway.Message, device string) (gateway.Reading, error) {
	reading := gateway.Reading{Device: device}
	route, ok := parseTopic(m.Topic)
	if !ok {
		return reading, &gateway.Rejection{Reason: gateway.ReasonUnknownTopic, Detail: fmt.Sprintf("nothing is read from the topic %.200q", m.Topic)}
	}
	reading.Format = route.format
	if route.device != m.Sender {
		return reading, &gateway.Rejection{Reason: gateway.ReasonForeignTopic, Detail: fmt.Sprintf("%s published to a topic of %.100q", m.Sender, route.device)}
	}
	if m.Size > int64(len(m.Payload)) {
		return reading, &gateway.Rejection{Reason: gateway.ReasonTooLarge, Detail: fmt.Sprintf("the payload has %d bytes", m.Size)}
	}
	parts, err := route.decode(m.Payload)
	for i := range parts {
		parts[i].Fix.Attributes = withUnit(parts[i].Fix.Attributes, route.unit)
	}
	reading.Parts = parts
	return reading, err
}

func withUnit(attributes map[string]any, unit string) map[string]any {
	if unit == "" {
		return attributes
	}
	if attributes == nil {
		attributes = make(map[string]any, 1)
	}
	if len(unit) > maxUnit {
		unit = strings.ToValidUTF8(unit[:maxUnit], "")
	}
	attributes["owntracks_device"] = unit
	return attributes
}
