// Package mqtt is how devices reach the gateway over MQTT: the [Endpoint] that they connect to, and the [Broker] client
// that fetches what they published to an outside broker.
//
// Both take the same topics, in which a whole level names the device (its uid, and on the endpoint its username):
//
//	owntracks/<device>/<anything>   OwnTracks JSON; the rest of the topic becomes the attribute owntracks_device
//	waybill/<device>/fixes          Waybill's own JSON: one fix or an array
//
// An acknowledgement (PUBACK for QoS 1, PUBREC for QoS 2) is sent when the fixes are committed, or kept as rejected
// input, and not before. While the stores are away connections are refused and publishes are left without an
// acknowledgement, the connection closed, so that the device sends again. QoS 0 has no acknowledgement and is at most
// once: it waits for the commit too, which slows the device down to what we can take, and what is lost nevertheless is
// counted. The retain flag of a publish is taken for what it means to a unit, "this is my newest", and is otherwise
// ignored: nothing is retained, nothing is passed on to other clients, subscriptions are refused, and last wills are
// dropped (silence is noticed without them).
package mqtt
