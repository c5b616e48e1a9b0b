package rpc

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

func TestACommandNobodyConfirmedInTimeIsExpired(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 3, 1, 12, 2, 0, 0, time.UTC)
	c := command.Command{ConfirmUntil: until}
	waiting := commandToWire(c, until)
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_UNSPECIFIED, waiting.GetState())
	require.Contains(t, waiting.GetDetail(), "waits to be confirmed")
	late := commandToWire(c, until.Add(time.Second))
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_EXPIRED, late.GetState())
	require.Contains(t, late.GetDetail(), "nobody confirmed it in time")
	c.Text = outbound.Text{UID: "x", State: outbound.Sent}
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_SENT, commandToWire(c, until.Add(time.Second)).GetState())
}
