package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"waybill/gateway/mqtt/unit"
	"waybill/internal/lifecycle"
	"waybill/tracking"
	"waybill/tracking/trackfile"
)

// replayBatch is how many fixes go into one message when nothing paces them.
const replayBatch = 500

type replayCommand struct {
	File string `arg:"" help:"Track to play: .gpx or .csv, also with .gz." type:"existingfile"`

	Device string  `env:"-" help:"The device to play: its id, as in devices/van-7." required:"" placeholder:"ID"`
	Via    string  `env:"-" help:"Road to send it by. sms goes into the SIM of an emulated modem (waybill modem emulate)." enum:"mqtt,sms" default:"mqtt"`
	Speed  float64 `env:"-" help:"How many times faster than it was recorded; 0 is as fast as it is acknowledged." default:"1"`
	Rebase string  `env:"-" help:"With 'now' each fix gets the time at which it is sent, as if the unit were driving now; needs a --speed." enum:"now,none" default:"none"`

	MQTTAddress string `env:"-" help:"Where the endpoint is." default:"127.0.0.1:1883" name:"mqtt-address"`
	Password    string `env:"WAYBILL_DEVICE_PASSWORD" help:"The device's password, for mqtt (waybill device credential ID)." placeholder:"PASSWORD"`
	CA          string `env:"-" help:"Certificates (PEM) by which the endpoint is trusted; it is spoken to in the clear without." name:"ca" type:"path" placeholder:"FILE"`

	Modem string `env:"-" help:"The emulated modem's port, for sms." placeholder:"PATH"`
	From  string `env:"-" help:"The phone number that the texts come from, for sms: the device's." placeholder:"NUMBER"`

	TimeColumn      string `env:"-" help:"CSV column of the time, when it isn't one of the usual names." placeholder:"NAME"`
	LatitudeColumn  string `env:"-" help:"CSV column of the latitude." placeholder:"NAME"`
	LongitudeColumn string `env:"-" help:"CSV column of the longitude." placeholder:"NAME"`
	SpeedColumn     string `env:"-" help:"CSV column of the speed in m/s." placeholder:"NAME"`
	CourseColumn    string `env:"-" help:"CSV column of the course in degrees." placeholder:"NAME"`
	Zone            string `env:"-" help:"IANA zone of CSV times that say none." default:"UTC" placeholder:"ZONE"`
}

// Help says more than the flags can.
func (replayCommand) Help() string {
	return `Each fix is sent until it is acknowledged, so a replay survives a server that
restarts, and one that is played twice adds nothing. Original times are kept:

  waybill replay bus.gpx --device bus-14 --password SECRET --speed 10
  waybill replay bus.csv.gz --device bus-14 --password SECRET --speed 5 --rebase now
  waybill replay bus.gpx --device bus-14 --via sms --modem /tmp/modem0 --from +8613800138000`
}

// sender is a road that fixes are played to.
type sender interface {
	// Send returns when the fixes are safe with the server, or on their way where
	// the road has no acknowledgement.
	Send(ctx context.Context, fixes []tracking.Fix) error
	Close()
}

// Run plays the track.
func (cmd replayCommand) Run(c *console, env *environment) error {
	if cmd.Speed < 0 || cmd.Speed == 0 && cmd.Rebase == "now" {
		return usageError{"--speed must be more than 0, or 0 without --rebase now"}
	}
	road, batch, err := cmd.road(c)
	if err != nil {
		return err
	}
	defer road.Close()
	file, err := openTrack(cmd.File)
	if err != nil {
		return err
	}
	defer file.Close()
	fixes, err := cmd.fixes(file)
	if err != nil {
		return err
	}
	p := player{road: road, speed: cmd.Speed, batch: batch, rebase: cmd.Rebase == "now", console: c}
	sent, err := p.play(env.ctx, fixes)
	if err != nil {
		return fmt.Errorf("after %d fixes: %w", sent, err)
	}
	c.printf("%d fixes sent by %s as devices/%s, all acknowledged\n", sent, cmd.Via, trimName(cmd.Device, "devices/"))
	return nil
}

// road opens the way to the server, and says how many fixes fit in one message of
// it.
func (cmd replayCommand) road(c *console) (sender, int, error) {
	if cmd.Via == "sms" {
		if cmd.Modem == "" || cmd.From == "" {
			return nil, 0, usageError{"--via sms needs --modem, the port of an emulated modem (waybill modem emulate), and --from, the device's phone number"}
		}
		return &textSender{modem: cmd.Modem, from: cmd.From}, 1, nil
	}
	if cmd.Password == "" {
		return nil, 0, usageError{"--via mqtt needs --password; `waybill device credential " + cmd.Device + "` issues a new one"}
	}
	config := unit.Config{Address: cmd.MQTTAddress, Device: trimName(cmd.Device, "devices/"), Password: cmd.Password, Log: c.log}
	if cmd.CA != "" {
		var err error
		if config.TLS, err = trust(cmd.CA); err != nil {
			return nil, 0, err
		}
	}
	batch := 1
	if cmd.Speed == 0 {
		batch = replayBatch
	}
	return unit.New(config), batch, nil
}

func (cmd replayCommand) fixes(r io.Reader) (trackfile.Fixes, error) {
	name := strings.TrimSuffix(strings.ToLower(cmd.File), ".gz")
	switch {
	case strings.HasSuffix(name, ".gpx"):
		return trackfile.ReadGPX(r), nil
	case strings.HasSuffix(name, ".csv"):
		zone, err := time.LoadLocation(cmd.Zone)
		if err != nil {
			return nil, usageError{fmt.Sprintf("--zone %s is not known; write it as in Asia/Shanghai", cmd.Zone)}
		}
		return trackfile.ReadCSV(r, trackfile.Columns{
			Time: cmd.TimeColumn, Latitude: cmd.LatitudeColumn, Longitude: cmd.LongitudeColumn,
			Speed: cmd.SpeedColumn, Course: cmd.CourseColumn, Zone: zone,
		}), nil
	default:
		return nil, usageError{cmd.File + " is neither .gpx nor .csv (or one of them with .gz)"}
	}
}

// player plays fixes in the rhythm in which they were recorded.
type player struct {
	road    sender
	speed   float64
	batch   int
	rebase  bool
	console *console
}

// play sends all fixes and returns how many were sent.
func (p *player) play(ctx context.Context, fixes trackfile.Fixes) (int, error) {
	var (
		sent    int
		pending []tracking.Fix
		start   = time.Now()
		first   time.Time
		report  = time.NewTicker(5 * time.Second)
	)
	defer report.Stop()
	flush := func() error {
		if len(pending) == 0 {
			return nil
		}
		if err := p.road.Send(ctx, pending); err != nil {
			return err
		}
		sent += len(pending)
		pending = pending[:0]
		select {
		case <-report.C:
			p.console.log.Info("replaying", "sent", sent, "per_second", int(float64(sent)/time.Since(start).Seconds()))
		default:
		}
		return nil
	}
	for fix, err := range fixes {
		if err != nil {
			return sent, errors.Join(err, flush())
		}
		if first.IsZero() {
			first = fix.Time
		}
		if p.speed > 0 {
			due := start.Add(time.Duration(float64(fix.Time.Sub(first)) / p.speed))
			if err := lifecycle.Pause(ctx, time.Until(due)); err != nil {
				return sent, err
			}
			if p.rebase {
				fix.Time = due.UTC().Truncate(tracking.Resolution)
			}
		}
		pending = append(pending, fix)
		if len(pending) >= p.batch {
			if err := flush(); err != nil {
				return sent, err
			}
		}
	}
	return sent, flush()
}

// openTrack opens a file, through gzip when its name says so.
func openTrack(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return file, nil
	}
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s is not gzip: %w", path, err), file.Close())
	}
	return &zipped{Reader: unzipped, file: file}, nil
}

// zipped closes the file under a gzip reader with it.
type zipped struct {
	*gzip.Reader
	file io.Closer
}

// Close closes both.
func (z *zipped) Close() error { return errors.Join(z.Reader.Close(), z.file.Close()) }
