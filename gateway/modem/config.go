package modem

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/serial"
)

// Handler takes the texts that come in.
type Handler interface {
	// HandleText returns nil when the text is committed: it is then deleted from the SIM. With any error the text stays
	// where it is and comes again after a while. The same text can come again after it was committed, when the modem
	// was lost before the deletion; a Handler must be idempotent.
	HandleText(ctx context.Context, text Text) error
}

// Text is a message that came in, whole.
type Text struct {
	// ID tells the text from every other and is the same when it is read again: SHA-256, in hexadecimal, of SIM, sender,
	// service centre's time and PDUs.
	ID       string
	Modem    string    // The modem's name in the settings.
	SIM      string    // The IMSI of the SIM that received it.
	From     string    // The sender as the network gave it: "+" and digits, digits, or a name.
	SentTime time.Time // The service centre's time stamp, UTC; zero when it made no sense.
	Body     string    // Empty for data.
	Data     []byte    // Of an 8-bit message.
	PDUs     []string  // The raw parts in order, in hexadecimal.

	// Problem is why the PDU can't be read, or nil. Such a text is to be kept as rejected input, or it would fill the SIM.
	Problem error
}

// Config is what a modem needs. Name, Open and Handler are required; zero values take the defaults named.
type Config struct {
	Name    string
	Path    string                                                // For show, and to choose a PIN by.
	Open    func(ctx context.Context) (io.ReadWriteCloser, error) // Serial gives one.
	Handler Handler

	// Reports takes the delivery reports; without one they are deleted.
	Reports ReportHandler

	Parts         Parts         // Keeps parts of long texts; without it they stay on the SIM. An Assembler is one.
	HandleTimeout time.Duration // How long committing one text may take: 30 s.

	PIN  string    // Sent once, when the SIM asks. After a refusal it is not sent again: a third wrong one locks the SIM.
	Keys PINs      // Those of single SIMs and modems, which go before PIN.
	PINs PINLedger // Remembers that it was refused; without one only this process does. See PINFiles.

	SweepInterval time.Duration // How often all memories are read without a hint: 30 s.
	PollInterval  time.Duration // How often signal and registration are read: 20 s.
	RetryMin      time.Duration // The first wait after a failure, doubled each time: 1 s.
	RetryMax      time.Duration // The longest wait: 1 min.
	SIMWait       time.Duration // How long a SIM may take to get ready: 30 s.
	RestartWait   time.Duration // How long a modem may take to restart: 1 min.
	NetworkWait   time.Duration // How long the network may be lost before something is done about it: 5 min, doubled each time.

	AT      at.Config
	Metrics *Metrics     // Nil counts nothing that is seen.
	Logger  *slog.Logger // Discards by default.

	// claim has a pool refuse a modem that it has by another port, and release forgets the claim.
	claim   func(m *Modem, imei, imsi string) error
	release func(m *Modem)

	// unlocking is held while a PIN is sent: a stick that shows several ports must not get a wrong one by each.
	unlocking *sync.Mutex
}

// pin chooses the PIN.
func (c *Config) pin(iccid, imei string) string {
	if pin := c.Keys.For(iccid, imei, c.Path); pin != "" {
		return pin
	}
	return c.PIN
}

// Serial opens the serial port at the path, at the baud rate, or at the usual one when it is 0.
func Serial(path string, baud int) func(context.Context) (io.ReadWriteCloser, error) {
	return func(context.Context) (io.ReadWriteCloser, error) { return serial.Open(path, baud) }
}

func (c *Config) log() *slog.Logger {
	if c.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Logger
}

func (c Config) withDefaults() (Config, error) {
	if c.Name == "" || c.Open == nil || c.Handler == nil {
		return c, errors.New("a modem needs a name, a port to open and a handler of texts")
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&c.SweepInterval, 30*time.Second)
	def(&c.PollInterval, 20*time.Second)
	def(&c.RetryMin, time.Second)
	def(&c.RetryMax, time.Minute)
	def(&c.HandleTimeout, 30*time.Second)
	def(&c.SIMWait, 30*time.Second)
	def(&c.RestartWait, time.Minute)
	def(&c.NetworkWait, 5*time.Minute)
	def(&c.AT.ProbeTimeout, time.Second)
	if c.PINs == nil {
		c.PINs = &pinMemory{notes: map[string]PINNote{}}
	}
	if c.Metrics == nil {
		c.Metrics = newMetrics()
	}
	if c.claim == nil {
		c.claim = func(*Modem, string, string) error { return nil }
		c.release = func(*Modem) {}
	}
	if c.unlocking == nil {
		c.unlocking = &sync.Mutex{}
	}
	c.Logger = c.log().With("modem", c.Name)
	return c, nil
}
