package emulator

import (
	"log/slog"
	"slices"
	"time"

	"waybill/gateway/modem/emulator/profile"
)

// Config describes the modem. Zero values take the defaults named.
type Config struct {
	Link string // A path at which a symbolic link to the terminal is kept, as udev does under /dev/serial/by-id. Optional.
	Baud int    // The line's speed: at 115,200 it takes 11,520 bytes a second in each direction. 0: as fast as it goes.

	Profile profile.Profile // Whose make it is: profile.Plain.

	Maker    string // The profile's.
	Model    string // The profile's.
	Revision string // The profile's.
	IMEI     string // "352099001761481".

	SIM *SIM // One that was made already; one that is in another modem stays there. Without it, the modem comes with one of what follows, as SIMConfig has it.

	IMSI     string
	Number   string
	Operator string
	Centre   string
	PIN      string
	PUK      string

	Memories []Memory // The profile's. The first takes what comes in.

	// Sent is told of each part that the modem sends, on the emulator's goroutine. Optional.
	Sent func(Submission)

	// Fate decides what the network does with a part that was sent; without it, each is delivered at once. It may not
	// call the emulator. Optional.
	Fate func(Submission) Fate

	// Units answer what is sent to their numbers.
	Units []Unit

	Logger *slog.Logger // Discards by default.
}

// Memory is one of the modem's message memories.
type Memory = profile.Memory

// Submission is one part of a message that was sent through the modem.
type Submission struct {
	From      string // The SIM's own number, when it has one.
	IMSI      string // The SIM's.
	To        string
	Text      string // Of this part.
	PDU       string
	Reference int
	Report    bool          // A report of its delivery was asked for.
	Validity  time.Duration // How long the network tries to deliver it; 0 when the message doesn't say.
	Time      time.Time     // When the service centre took it.
}

// Fate is what the network does with a part that it took.
type Fate struct {
	Delay  time.Duration // From the service centre to the receiver.
	Status int           // What the report says (TP-Status, 3GPP TS 23.040, 9.2.3.15): 0 is delivered, above 0x1F it never was.
	Lost   bool          // The report gets lost.
}

func (c Config) withDefaults() Config {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	if c.Profile.Name == "" {
		c.Profile = profile.Plain()
	}
	def(&c.Maker, c.Profile.Maker)
	def(&c.Model, c.Profile.Model)
	def(&c.Revision, c.Profile.Revision)
	def(&c.IMEI, "352099001761481")
	if len(c.Memories) == 0 {
		c.Memories = c.Profile.Memories
	}
	if c.SIM == nil {
		c.SIM = NewSIM(SIMConfig{
			IMSI: c.IMSI, Number: c.Number, Operator: c.Operator, Centre: c.Centre, PIN: c.PIN, PUK: c.PUK, Capacity: c.capacity("SM"),
		})
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// capacity is how many messages a memory of its own holds; 0 when it isn't there.
func (c Config) capacity(name string) int { return Capacity(c.Memories, name) }

// Capacity is how many messages the memory of the name holds; 0 when it is not among them.
func Capacity(memories []Memory, name string) int {
	i := slices.IndexFunc(memories, func(m Memory) bool { return m.Name == name })
	if i < 0 {
		return 0
	}
	return memories[i].Capacity
}
