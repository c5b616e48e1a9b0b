package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

type modemListCommand struct {
	JSON bool `env:"-" help:"Print for a program to read, a modem a line." name:"json"`

	remote `embed:""`
}

// Help says whom it asks.
func (modemListCommand) Help() string {
	return `It asks a running gateway; in several processes, name that of the gateway role with --server.

  waybill modem list --token TOKEN
  waybill modem list --json | jq 'select(.state != "MODEM_STATE_READY")'`
}

// Run lists the modems.
func (cmd modemListCommand) Run(c *console, env *environment) error {
	conn, err := cmd.dial()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	client := gatewayv1.NewModemServiceClient(conn)
	var all []*gatewayv1.Modem
	for token := ""; ; {
		page, err := client.ListModems(env.ctx, &gatewayv1.ListModemsRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			return cmd.explain(err, "modems")
		}
		all = append(all, page.GetModems()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	switch {
	case cmd.JSON:
		for _, m := range all {
			line, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
			if err != nil {
				return err
			}
			c.printf("%s\n", line)
		}
		return nil
	case len(all) == 0:
		c.printf("This gateway has no modem; --modem-path gives it some.\n")
		return nil
	}
	return modemTable(c, all, time.Now())
}

func modemTable(c *console, all []*gatewayv1.Modem, now time.Time) error {
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "MODEM\tSTATE\tFOR\tSIGNAL\tNETWORK\tMEMORIES\tTEMP\tNUMBER\tICCID\tMODEL\tLAST TEXT\tRESETS")
	for _, m := range all {
		_, _ = fmt.Fprintln(table, strings.Join(modemRow(m, now), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, m := range all {
		if m.GetLastError() != "" && m.GetState() != gatewayv1.ModemState_MODEM_STATE_READY {
			c.printf("\n%s: %s\n", strings.TrimPrefix(m.GetName(), "modems/"), m.GetLastError())
		}
	}
	return nil
}

// modemRow is a modem's row; what it doesn't tell is a hyphen.
func modemRow(m *gatewayv1.Modem, now time.Time) []string {
	signal, temperature, text := "", "", ""
	if m.SignalDbm != nil {
		signal = fmt.Sprintf("%d dBm", m.GetSignalDbm())
	}
	if m.TemperatureCelsius != nil {
		temperature = fmt.Sprintf("%.0f °C", m.GetTemperatureCelsius())
	}
	if m.GetLastTextTime() != nil {
		text = briefly(now.Sub(m.GetLastTextTime().AsTime())) + " ago"
	}
	memories := make([]string, 0, len(m.GetMemories()))
	for _, u := range m.GetMemories() {
		memories = append(memories, fmt.Sprintf("%s %d/%d", u.GetMemory(), u.GetUsed(), u.GetCapacity()))
	}
	network := strings.TrimSpace(m.GetOperator() + " " + m.GetRegistration())
	resets := ""
	if m.GetResets() > 0 {
		resets = fmt.Sprintf("%d, %s %s ago", m.GetResets(), m.GetLastReset(), briefly(now.Sub(m.GetLastResetTime().AsTime())))
	}
	row := []string{
		strings.TrimPrefix(m.GetName(), "modems/"), strings.ToLower(strings.TrimPrefix(m.GetState().String(), "MODEM_STATE_")),
		briefly(now.Sub(m.GetSinceTime().AsTime())), signal, network, strings.Join(memories, " "), temperature,
		m.GetNumber(), m.GetIccid(), m.GetModel(), text, resets,
	}
	for i := range row {
		row[i] = cmp.Or(row[i], "-")
	}
	return row
}

// briefly gives a duration by its largest unit, as in "3h".
func briefly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}
