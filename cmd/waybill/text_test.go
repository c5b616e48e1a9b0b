package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/internal/pgtest"
)

func TestTextsAndCommandsAtTheCommandLine(t *testing.T) {
	t.Parallel()
	address := pgtest.NewURL(t)
	waybill := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		got := run(t.Context(), append(args, "--database-url", address, "--log-level", "error"), &out, &errs)
		require.Equal(t, code, got, "%v: %s%s", args, out.String(), errs.String())
		return out.String() + errs.String()
	}
	id := func(collection, text string) string {
		t.Helper()
		name := regexp.MustCompile(collection + `/([a-z0-9]+)`).FindStringSubmatch(text)
		require.NotNil(t, name, text)
		return name[1]
	}

	require.Contains(t, waybill(0, "text", "estimate", "您的货物已到"), "6 characters in UCS-2, 1 message")
	sent := waybill(0, "text", "send", "138 0013 8000", "{x}", "--request-id", "r")
	require.Contains(t, sent, "to +8613800138000 is queued: 5 characters in GSM 7-bit, 1 message")
	require.Equal(t, sent, waybill(0, "text", "send", "138 0013 8000", "{x}", "--request-id", "r"))
	text := id("texts", sent)
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(waybill(0, "text", "show", text, "--json")), &line))
	require.Equal(t, "queued", line["state"])
	require.Contains(t, waybill(0, "text", "list", "--state", "queued", "--to", "13800138000"), text)
	require.Contains(t, waybill(0, "text", "show", "texts/"+text), "queued")
	require.Contains(t, waybill(0, "text", "cancel", text), "is cancelled")
	require.Contains(t, waybill(1, "text", "cancel", "nosuch"), "waybill text list")
	require.Contains(t, waybill(1, "text", "send", "Operator", "x"), "give it with + and the country code")
	require.Contains(t, waybill(1, "text", "send", "13800138000", "x", "--expire=-1h"), "from now on")

	waybill(0, "device", "create", "van", "--phone", "+8613800138001")
	require.Contains(t, waybill(1, "device", "command", "van", "position"), "has no model")
	require.Contains(t, waybill(1, "device", "model", "van", "No Model"), "as in concox")
	require.Contains(t, waybill(0, "device", "model", "van", "cobann"), "No command is written for the model cobann")
	require.NotContains(t, waybill(0, "device", "model", "van", "coban"), "No command")
	require.Contains(t, waybill(0, "device", "list"), "coban")
	require.Contains(t, waybill(0, "device", "phone", "van", ""), "of no SIM")
	require.Contains(t, waybill(1, "device", "command", "van", "position"), "waybill device phone van NUMBER")
	require.Contains(t, waybill(0, "device", "phone", "devices/van", "138 0013 8001"), "+8613800138001")
	require.Contains(t, waybill(1, "device", "phone", "nosuch", "13800138002"), "waybill device list")
	require.Contains(t, waybill(0, "device", "templates", "nosuch"), "No command is written for the model nosuch")
	require.Contains(t, waybill(0, "device", "templates", "coban"), "smslink{password=123456}")
	require.Contains(t, waybill(0, "device", "command", "van", "interval", "-p", "interval=60", "-p", "password=4711"), "(fix060s***n**** to devices/van) is queued")
	require.Contains(t, waybill(1, "device", "command", "van", "interval"), "give the parameter")
	given := waybill(0, "device", "command", "van", "cut-off")
	require.Contains(t, given, "is not sent yet")
	confirm := regexp.MustCompile(`waybill device confirm (\S+) (\S+)`).FindStringSubmatch(given)
	require.NotNil(t, confirm, given)
	require.Contains(t, waybill(1, "device", "confirm", confirm[1], "guess"), "the token is not")
	require.Contains(t, waybill(0, "device", "confirm", confirm[1], confirm[2]), "is confirmed and queued")
	list := waybill(0, "device", "commands", "van")
	require.Contains(t, list, "cut-off")
	require.Contains(t, list, "command line")
}

func TestACommandNobodyConfirmedInTimeSaysSo(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 3, 1, 12, 2, 0, 0, time.UTC)
	waits := command.Command{ConfirmUntil: until}
	require.Equal(t, "to be confirmed", commandState(waits, until))
	require.Equal(t, "not confirmed", commandState(waits, until.Add(time.Second)))
	waits.Text = outbound.Text{UID: "x", State: outbound.Sent}
	require.Equal(t, "sent", commandState(waits, until.Add(time.Second)))
}
