package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/tracking"
	"waybill/tracking/export"
	trackingrpc "waybill/tracking/rpc"
)

type exportCommand struct {
	Name string `arg:"" help:"Whose track: a vehicle (truck-1, vehicles/truck-1) or a device (devices/van-7)." name:"vehicle"`

	From      string   `env:"-" help:"Begin with the fixes of this time: 2026-03-01, 2026-03-01T08:00:00+08:00, or a while ago, as in 24h. From the first when not given." placeholder:"TIME"`
	To        string   `env:"-" help:"End before this time, which is written alike. To the last when not given." placeholder:"TIME"`
	Format    string   `env:"-" help:"How to write it: gpx, geojson, csv or kml. By the name of --out when not given, else gpx." enum:",gpx,geojson,csv,kml" default:"" placeholder:"FORMAT"`
	Tolerance *float64 `env:"-" help:"Leave fixes out that the line through the others passes as near as this." placeholder:"METRES"`
	Out       string   `env:"-" help:"File to write, compressed when it ends in .gz; standard output when not given. It appears when it is whole, for you alone to read." short:"o" type:"path" placeholder:"FILE"`

	remote `embed:""`
}

// Help says more than the flags can.
func (exportCommand) Help() string {
	return `The track of a vehicle is that of the devices that were fitted to it, each for its
time. It is read as it is written, so a year needs no more memory than a minute. It comes
from a running server, with the token of an admin, dispatcher, analyst or of service staff:

  export WAYBILL_TOKEN=$(waybill token create --role analyst)
  waybill export truck-1 --from 2026-03-01 --to 2026-04-01 --out march.gpx.gz
  waybill export devices/van-7 --from 24h --format csv | less
  waybill export truck-1 --from 2026-03-01 --tolerance 10 --out truck-1.kml

Days and times without a zone are UTC. GPX and CSV can be played again by
` + "`waybill replay`" + `; CSV has everything that the device said.`
}

// Run writes the track.
func (cmd exportCommand) Run(c *console, env *environment) (err error) {
	query, err := cmd.query(time.Now())
	if err != nil {
		return err
	}
	format := cmd.format()
	conn, err := cmd.dial()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	client := trackingrpc.NewClient(conn)
	defer client.Close()
	track := client.Track(env.ctx, query)
	if cmd.Tolerance != nil {
		track = client.SimplifiedTrack(env.ctx, query, *cmd.Tolerance)
	}
	var written counter
	write := func(w io.Writer) error {
		return format.Write(w, cmd.title(query), written.count(env.ctx, c, track))
	}
	if cmd.Out == "" {
		return explained(write(c.out), cmd.Name)
	}
	if err := writeWhole(cmd.Out, write); err != nil {
		return explained(err, cmd.Name)
	}
	c.printf("%d fixes are in %s\n", written, cmd.Out)
	return nil
}

func (cmd exportCommand) query(now time.Time) (tracking.TrackQuery, error) {
	query := tracking.TrackQuery{Vehicle: trimName(cmd.Name, "vehicles/")}
	if strings.HasPrefix(cmd.Name, "devices/") {
		query = tracking.TrackQuery{Device: trimName(cmd.Name, "devices/")}
	}
	for _, bound := range []struct {
		flag, text string
		to         *time.Time
	}{{"--from", cmd.From, &query.From}, {"--to", cmd.To, &query.To}} {
		if bound.text == "" {
			continue
		}
		t, ok := moment(bound.text, now)
		if !ok {
			return query, usageError{fmt.Sprintf("%s %s is no time; write it as in 2026-03-01, 2026-03-01T08:00:00Z or 24h", bound.flag, bound.text)}
		}
		*bound.to = t
	}
	if !query.From.IsZero() && !query.To.IsZero() && !query.From.Before(query.To) {
		return query, usageError{"--to must be later than --from"}
	}
	return query, nil
}

// moment reads a time, or how long before now it was.
func moment(text string, now time.Time) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), true
	}
	return time.Time{}, false
}

// format is the one that was asked for, by word or by the name of the file.
func (cmd exportCommand) format() export.Format {
	formats := export.Formats()
	named := func(name string) int {
		return slices.IndexFunc(formats, func(f export.Format) bool { return f.Name == name })
	}
	if i := named(cmd.Format); i >= 0 {
		return formats[i]
	}
	file := strings.TrimSuffix(strings.ToLower(cmd.Out), ".gz")
	if i := named(file[strings.LastIndexByte(file, '.')+1:]); i >= 0 {
		return formats[i]
	}
	return formats[named("gpx")]
}

func (cmd exportCommand) title(query tracking.TrackQuery) string { return query.Vehicle + query.Device }

// counter counts fixes, and says how far it is now and then.
type counter int

func (n *counter) count(ctx context.Context, c *console, track func(func(tracking.Report, error) bool)) export.Fixes {
	return func(yield func(tracking.Fix, error) bool) {
		report := time.NewTicker(5 * time.Second)
		defer report.Stop()
		for fix, err := range track {
			if err == nil {
				*n++
			}
			select {
			case <-report.C:
				c.log.InfoContext(ctx, "exporting", "fixes", int(*n), "at", fix.Fix.Time)
			default:
			}
			if !yield(fix.Fix, err) {
				return
			}
		}
	}
}

// explained says what to do about an answer of the server.
func explained(err error, name string) error {
	switch {
	case errors.Is(err, tracking.ErrNotFound):
		return fmt.Errorf("there is no %s; a device is written as devices/ID", name)
	case errors.Is(err, tracking.ErrUnavailable):
		return fmt.Errorf("the server doesn't answer; say where it is with --server: %w", err)
	}
	switch status.Code(err) {
	case codes.Unauthenticated:
		return errors.New("the server doesn't know the token; issue one with `waybill token create --role analyst` and give it as --token")
	case codes.PermissionDenied:
		return errors.New("the token may not see tracks; it takes one of the role admin, dispatcher, analyst or service")
	case codes.InvalidArgument:
		return errors.New(status.Convert(err).Message())
	default:
		return err
	}
}
