package rpc

import (
	"strings"

	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

func textToWire(t outbound.Text) *gatewayv1.Text {
	wire := &gatewayv1.Text{
		Name: texts + t.UID, To: t.To, Body: t.Shown, Priority: gatewayv1.TextPriority(t.Priority), //nolint:gosec // 1 to 3
		State: stateToWire(t.State), Cost: costToWire(t.Cost),
		PartsSent: int32(t.PartsSent), Attempts: int32(t.Attempts), //nolint:gosec // a text has few parts
		Code: t.Code, Detail: t.Detail, Creator: t.Creator, CreateTime: timeOrNil(t.CreateTime), ExpireTime: timeOrNil(t.ExpireTime),
		SentTime: timeOrNil(t.SentTime), DeliveryTime: timeOrNil(t.DeliveryTime), EndTime: timeOrNil(t.EndTime),
	}
	if t.Modem != "" {
		wire.Modem = "modems/" + t.Modem
	}
	if t.Command != "" {
		wire.Command = "commands/" + t.Command
	}
	return wire
}

func costToWire(c sms.Cost) *gatewayv1.TextCost {
	encoding := gatewayv1.TextEncoding_TEXT_ENCODING_GSM7
	if c.Encoding == sms.UCS2 {
		encoding = gatewayv1.TextEncoding_TEXT_ENCODING_UCS2
	}
	return &gatewayv1.TextCost{
		Encoding: encoding, Characters: int32(c.Characters), Parts: int32(c.Parts), //nolint:gosec // a text has few parts
	}
}

const statePrefix = "TEXT_STATE_"

func stateToWire(s outbound.State) gatewayv1.TextState {
	return gatewayv1.TextState(gatewayv1.TextState_value[statePrefix+strings.ToUpper(string(s))])
}

func stateFromWire(s gatewayv1.TextState) outbound.State {
	if s == gatewayv1.TextState_TEXT_STATE_UNSPECIFIED {
		return ""
	}
	return outbound.State(strings.ToLower(strings.TrimPrefix(s.String(), statePrefix)))
}
