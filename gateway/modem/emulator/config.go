package emulator

import (
	"log/slog"
	"time"
)

// Config describes the modem. Zero values take the defaults named.
type Config struct {
	Link string // A path at which a symbolic link to the terminal is kept, as udev does under /dev/serial/by-id. Optional.

	Baud int // The line's speed: at 115,200 it takes 11,520 bytes a second in each direction. 0: as fast as it goes.

	Maker    string // "Waybill".
	Model    string // "Emulated modem".
	Revision string // "1".
	IMEI     string // "352099001761481".
	IMSI     string // "460001234567890".
	Number   string // The SIM's own number, shown by CNUM. Optional.
	Operator string // "Waybill Mobile".
	Centre   string // The service centre's number: "+8613800100500".
	PIN      string // Asked for after power-up when it is set.

	Memories []Memory // SM with 20 places and ME with 100, both from 1. The first takes what comes in.

	// Sent is told of each part that the modem sends, on the emulator's goroutine. Optional.
	Sent func(Submission)

	Logger *slog.Logger // Discards by default.
}

// Memory is one of the modem's message memories.
type Memory struct {
	Name     string
	Capacity int
	First    int // Index of the first place: 0 on some modems, 1 on others.
}

// Submission is one part of a message that was sent through the modem.
type Submission struct {
	To        string
	Text      string // Of this part.
	PDU       string
	Reference int
	Time      time.Time
}

func (c Config) withDefaults() Config {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&c.Maker, "Waybill")
	def(&c.Model, "Emulated modem")
	def(&c.Revision, "1")
	def(&c.IMEI, "352099001761481")
	def(&c.IMSI, "460001234567890")
	def(&c.Operator, "Waybill Mobile")
	def(&c.Centre, "+8613800100500")
	if len(c.Memories) == 0 {
		c.Memories = []Memory{{Name: "SM", Capacity: 20, First: 1}, {Name: "ME", Capacity: 100, First: 1}}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
