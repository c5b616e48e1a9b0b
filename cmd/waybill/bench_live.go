package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"waybill/cmd/waybill/internal/bench"
	"waybill/internal/access"
)

type benchLiveCommand struct {
	Subscribers int  `env:"-" help:"How many watch the whole fleet." default:"1000"`
	Units       int  `env:"-" help:"How many units report, once a second each." default:"20"`
	Seconds     int  `env:"-" help:"For how many seconds." default:"20"`
	JSON        bool `env:"-" help:"Print for a program to read." name:"json"`
}

// Help says what is measured.
func (benchLiveCommand) Help() string {
	return `Units report by MQTT while subscribers have the stream of the fleet's page open. Measured is
the time from when a fix was sent until a subscriber had it, first with one subscriber and then
with all. A subscriber that is slow gets the newest of each vehicle, and so fewer positions than
were sent. The server is a process of its own, with a database of its own that is removed.`
}

// liveRow is a line of what is printed.
type liveRow struct {
	Subscribers int `json:"subscribers"`
	// Told is how many positions a second all subscribers got, and Share how many of
	// those that were sent reached one.
	Told  float64 `json:"told"`
	Share float64 `json:"share"`
	P50   float64 `json:"p50"` // milliseconds
	P99   float64 `json:"p99"`
}

// Run measures and prints a table.
func (cmd benchLiveCommand) Run(g *Globals, c *console, env *environment) error {
	if cmd.Subscribers < 1 || cmd.Units < 1 || cmd.Seconds < 1 {
		return usageError{"give at least one subscriber, one unit and one second"}
	}
	if err := enoughFiles(cmd.Subscribers + cmd.Units); err != nil {
		return err
	}
	return withServer(g, c, env, func(s *ownServer) error {
		rows, err := cmd.measure(g, c, env, s)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(c.out).Encode(rows)
		}
		c.printf("%s %s/%s, %d processors\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
		_, _ = fmt.Fprintf(table, "%d units once a second, told to\tpositions/s\tshare\tp50 ms\tp99 ms\t\n", cmd.Units)
		for _, row := range rows {
			_, _ = fmt.Fprintf(table, "%d subscribers\t%.0f\t%.2f\t%.1f\t%.1f\t\n", row.Subscribers, row.Told, row.Share, row.P50, row.P99)
		}
		return table.Flush()
	})
}

func (cmd benchLiveCommand) measure(g *Globals, c *console, env *environment, s *ownServer) ([]liveRow, error) {
	var secret string
	err := g.withStore(env.ctx, c.log, func(store *store) error {
		var err error
		_, secret, err = access.NewStore(store.pool).Create(env.ctx, access.Token{Role: access.Admin, DisplayName: "bench"})
		return err
	})
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(s.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(access.Bearer{Secret: secret, Plain: true}))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	var rows []liveRow
	for _, subscribers := range []int{1, cmd.Subscribers} {
		row, err := cmd.with(env.ctx, subscribers, bench.LiveConfig{
			API: conn, HTTP: "http://" + s.http, MQTT: s.mqtt,
			Units: cmd.Units, Subscribers: subscribers, Seconds: cmd.Seconds, Log: c.log,
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (cmd benchLiveCommand) with(ctx context.Context, subscribers int, config bench.LiveConfig) (liveRow, error) {
	live, err := bench.Fanout(ctx, config)
	if err != nil {
		return liveRow{}, fmt.Errorf("watch with %d subscribers: %w", subscribers, err)
	}
	return liveRow{
		Subscribers: subscribers,
		Told:        float64(live.Told) / (time.Duration(cmd.Seconds) * time.Second).Seconds(),
		Share:       float64(live.Told) / float64(live.Sent*subscribers),
		P50:         percentile(live.Delay, 50), P99: percentile(live.Delay, 99),
	}, nil
}
