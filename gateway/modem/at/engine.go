package at

import (
	"context"
	"io"
	"sync"
	"time"
)

// Config is the engine's settings; zero values take the defaults named.
type Config struct {
	Timeout      time.Duration // For a command that names none: 5 s.
	Prompt       time.Duration // How long the modem may take to ask for a payload: 20 s.
	ProbeTimeout time.Duration // For each probe when synchronising: 1 s.
	Probes       int           // How many probes before the modem counts as lost: 5.
	Settle       time.Duration // How long the line must be silent to count as drained: 150 ms.
	Codes        Codes         // Known unsolicited codes: DefaultCodes.
	Pending      int           // How many unsolicited codes wait to be read before new ones are dropped: 64.
	MaxLine      int           // Bytes of a line: 2,048. The longest PDU has 352.
	MaxAnswer    int           // Bytes of an answer: 512 KiB, more than any SIM and phone memory hold.
}

func (c Config) withDefaults() Config {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	count := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	def(&c.Timeout, 5*time.Second)
	def(&c.Prompt, 20*time.Second)
	def(&c.ProbeTimeout, time.Second)
	def(&c.Settle, 150*time.Millisecond)
	count(&c.Probes, 5)
	count(&c.Pending, 64)
	count(&c.MaxLine, 2048)
	count(&c.MaxAnswer, 512<<10)
	if c.Codes == nil {
		c.Codes = DefaultCodes()
	}
	return c
}

// Engine sends commands to one modem, one at a time, and may be used by many goroutines. It owns two goroutines, one
// that reads and one that writes; Close ends both.
type Engine struct {
	port io.ReadWriteCloser
	cfg  Config

	turn   chan struct{} // Holds one token: who has put it there may send.
	synced bool          // Owned by the holder of the turn: nothing late can arrive.

	outbox chan []byte   // From the holder of the turn to the writer.
	heard  chan struct{} // Cap 1: bytes have come since it was last emptied.
	quit   chan struct{} // Closed when the engine ends.

	unsolicited chan Unsolicited // Written and closed by the reader alone.

	mu      sync.Mutex
	wire    conversation // Guarded by mu.
	dropped int          // Guarded by mu: unsolicited codes that nobody read in time.
	err     error        // Guarded by mu: why the stream ended.

	stop sync.Once
	wait sync.WaitGroup
}

// New starts an engine on the port, and owns it from then on. Closing the port must end a Read that waits.
func New(port io.ReadWriteCloser, cfg Config) *Engine {
	cfg = cfg.withDefaults()
	e := &Engine{
		port: port, cfg: cfg,
		turn:   make(chan struct{}, 1),
		outbox: make(chan []byte),
		heard:  make(chan struct{}, 1), quit: make(chan struct{}),
		unsolicited: make(chan Unsolicited, cfg.Pending),
	}
	e.wire = conversation{
		split: splitter{bound: cfg.MaxLine}, codes: cfg.Codes, bound: cfg.MaxAnswer, tell: e.indicate,
	}
	e.wait.Go(e.read)
	e.wait.Go(e.write)
	return e
}

// Unsolicited gives what the modem says unasked, in order. The channel is bounded: when nobody reads, new codes are
// dropped and counted, since they are hints to look and never the only way to know. It is closed when the stream ends.
func (e *Engine) Unsolicited() <-chan Unsolicited { return e.unsolicited }

// Noise counts what was nobody's: lines that answer nothing and are no known code, lines over the bound, and
// unsolicited codes that nobody read in time.
func (e *Engine) Noise() (lines, unread int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.wire.noise, e.dropped
}

// Do sends a command and waits for its end. Its error is a *CommandError around one of this package's errors or the
// context's; with ErrTimeout or a context's error the command's fate is unknown. For a command with a payload IsUnsent
// tells whether it can have had an effect.
func (e *Engine) Do(ctx context.Context, cmd Command) (Answer, error) {
	answer, handed, err := e.do(ctx, cmd)
	if err != nil {
		return nil, &CommandError{Command: cmd.shown(), Unsent: cmd.Payload != "" && !handed, Err: err}
	}
	return answer, nil
}

func (e *Engine) do(ctx context.Context, cmd Command) (answer Answer, handed bool, err error) {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	case <-e.quit:
		return nil, false, e.ended()
	}
	switch {
	case cmd.Blind:
		if err := e.clear(ctx); err != nil {
			return nil, false, err
		}
	case !e.inStep():
		if err := e.synchronise(ctx); err != nil {
			return nil, false, err
		}
	}
	if cmd.Timeout <= 0 {
		cmd.Timeout = e.cfg.Timeout
	}
	x := newExchange(cmd)
	answer, err = e.exchange(ctx, x)
	return answer, x.handed, err
}

// exchange sends one command, and its payload at the prompt. Unless the modem ended it, the engine is out of step after.
func (e *Engine) exchange(caller context.Context, x *exchange) (Answer, error) {
	ctx, cancel := context.WithTimeout(caller, x.cmd.Timeout)
	defer cancel()
	e.begin(x)
	err := e.send(ctx, "AT"+x.cmd.Text+"\r")
	if err == nil && x.cmd.Payload != "" {
		err = e.submit(ctx, x)
	}
	if err == nil {
		err = e.await(ctx, x, nil)
	}
	if ctx.Err() != nil {
		err = asTimeout(caller)
	}
	if !e.abandon(x) { // It ended, perhaps in the last moment: that is the truth.
		e.synced = !x.cmd.Resets && (x.err == nil || IsRefusal(x.err))
		return x.answer, x.err
	}
	e.synced = false
	return nil, err
}

// submit waits for the prompt and sends the payload, unless the modem has ended the command instead.
func (e *Engine) submit(ctx context.Context, x *exchange) error {
	asked, cancel := context.WithTimeoutCause(ctx, e.cfg.Prompt, ErrNoPrompt)
	defer cancel()
	if err := e.await(asked, x, x.prompt); err != nil {
		if ctx.Err() == nil && asked.Err() != nil {
			return context.Cause(asked)
		}
		return err
	}
	select {
	case <-x.done:
		return nil
	default:
	}
	x.handed = true
	return e.send(ctx, x.cmd.Payload+"\x1a")
}

// await waits for the prompt, if one is given, or the end of the command. It returns ErrTimeout when the modem falls silent.
func (e *Engine) await(ctx context.Context, x *exchange, prompt <-chan struct{}) error {
	silence := x.cmd.Timeout
	if x.cmd.Silence > 0 {
		silence = x.cmd.Silence
	}
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for {
		select {
		case <-x.done:
			return nil
		case <-prompt:
			return nil
		case <-e.heard:
			quiet.Reset(silence)
		case <-quiet.C:
			return ErrTimeout
		case <-ctx.Done():
			return ctx.Err()
		case <-e.quit:
			return e.ended()
		}
	}
}

func (e *Engine) begin(x *exchange) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wire.now = x
}

// abandon gives the command up unless it has ended, and tells whether it did.
func (e *Engine) abandon(x *exchange) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.wire.now != x {
		return false
	}
	e.wire.now = nil
	return true
}

// inStep tells whether the next final result must be that of the next command.
func (e *Engine) inStep() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.wire.stray {
		e.wire.stray = false
		e.synced = false
	}
	return e.synced
}
