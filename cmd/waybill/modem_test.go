package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

func TestModemTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(-d)) }
	signal, temperature := int32(-73), 41.4
	var out bytes.Buffer
	require.NoError(t, modemTable(&console{out: &out, log: slog.New(slog.DiscardHandler)}, []*gatewayv1.Modem{
		{
			Name: "modems/usb-A", State: gatewayv1.ModemState_MODEM_STATE_READY, SinceTime: ago(26 * time.Hour), SignalDbm: &signal,
			TemperatureCelsius: &temperature, Operator: "CMCC", Registration: "home", Number: "+8613900000001", Iccid: "89860012345678901234",
			Memories: []*gatewayv1.MemoryUsage{{Memory: "SM", Used: 3, Capacity: 20}, {Memory: "ME", Capacity: 100}}, LastTextTime: ago(90 * time.Second),
			Resets: 2, LastReset: "restart", LastResetTime: ago(72 * time.Hour), LastError: "of yesterday",
		},
		{Name: "modems/usb-B", State: gatewayv1.ModemState_MODEM_STATE_UNPLUGGED, SinceTime: ago(5 * time.Second), LastError: "no modem at /dev/b"},
	}, now))
	lines := strings.Split(out.String(), "\n")
	require.Equal(t, []string{
		"usb-A", "ready", "26h", "-73", "dBm", "CMCC", "home", "SM", "3/20", "ME", "0/100", "41", "°C",
		"+8613900000001", "89860012345678901234", "-", "1m", "ago", "2,", "restart", "3d", "ago",
	}, strings.Fields(lines[1]))
	require.Equal(t, []string{"usb-B", "unplugged", "5s", "-", "-", "-", "-", "-", "-", "-", "-", "-"}, strings.Fields(lines[2]))
	require.Contains(t, out.String(), "usb-B: no modem at /dev/b")
	require.NotContains(t, out.String(), "of yesterday")
}
