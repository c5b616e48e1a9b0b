package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"waybill/gateway/modem/emulator/postbox"
	"waybill/tracking"
)

// textSender is a unit that reports by SMS: its texts go into the SIM of an
// emulated modem.
type textSender struct {
	modem string
	from  string
}

// Send sends a text for each fix.
func (s *textSender) Send(ctx context.Context, fixes []tracking.Fix) error {
	for i := range fixes {
		t := postbox.Text{From: s.from, Text: concoxText(&fixes[i]), Time: time.Now()}
		if err := postbox.Send(ctx, s.modem, t); err != nil {
			return err
		}
	}
	return nil
}

// Close does nothing: nothing stays open between texts.
func (s *textSender) Close() {}

// concoxText is what a Concox unit answers to WHERE#: hemispheres before the
// degrees, km/h, and yy-mm-dd, here in UTC.
func concoxText(f *tracking.Fix) string {
	return fmt.Sprintf("Lat:%s,Lon:%s,Course:%.2f,Speed:%.4f,DateTime:%s",
		hemisphere(f.Position.Lat(), "N", "S"), hemisphere(f.Position.Lon(), "E", "W"),
		zeroUnknown(f.Course), zeroUnknown(f.Speed)*3.6, f.Time.UTC().Format("06-01-02 15:04:05"))
}

func hemisphere(degrees float64, positive, negative string) string {
	if degrees < 0 {
		return fmt.Sprintf("%s%.6f", negative, -degrees)
	}
	return fmt.Sprintf("%s%.6f", positive, degrees)
}

func zeroUnknown(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}
