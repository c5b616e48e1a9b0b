package at

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Direction is who speaks in a trace.
type Direction string

// The directions.
const (
	Sent     Direction = "sent"
	Received Direction = "received"
)

// Passed is a line that passed between an engine and its modem.
type Passed struct {
	Time      time.Time
	Direction Direction
	Text      string // Without its end; Ctrl-Z and ESC in words, secrets as asterisks.
}

// Taps are those who watch the line of one modem, also over the engines that it has one after the other. The zero value
// has none.
type Taps struct {
	some atomic.Bool // Whether there are any, so that a line that nobody watches costs nothing.

	mu   sync.Mutex // Guards what follows.
	last int
	taps map[int]func(Passed)
}

// Add has the function see each line from now on, until remove is called. It runs on the engine's goroutines and must
// be quick; after remove has returned it is not called any more.
func (t *Taps) Add(see func(Passed)) (remove func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taps == nil {
		t.taps = make(map[int]func(Passed))
	}
	t.last++
	id := t.last
	t.taps[id] = see
	t.some.Store(true)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taps, id)
		t.some.Store(len(t.taps) > 0)
	}
}

func (t *Taps) show(dir Direction, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	passed := Passed{Time: time.Now().UTC(), Direction: dir, Text: text}
	for _, see := range t.taps {
		see(passed)
	}
}

// Trace stands between an engine and its port and shows what passes to the taps, line by line. Lines are put together
// also while nobody watches, so that a secret can't slip through where a tap begins.
type Trace struct {
	port io.ReadWriteCloser
	taps *Taps
	mask mask

	sent     tracedLine // Owned by whoever writes.
	received tracedLine // Owned by whoever reads.
}

// NewTrace wraps a port.
func NewTrace(port io.ReadWriteCloser, taps *Taps) *Trace { return &Trace{port: port, taps: taps} }

// Read reads from the port.
func (t *Trace) Read(p []byte) (int, error) {
	n, err := t.port.Read(p)
	t.received.feed(p[:n], t.heard)
	return n, err
}

// Write writes to the port. What is sent is shown before the modem can answer it.
func (t *Trace) Write(p []byte) (int, error) {
	t.sent.feed(p, t.said)
	return t.port.Write(p)
}

// Close closes the port.
func (t *Trace) Close() error { return t.port.Close() }

func (t *Trace) said(line string) {
	line = t.mask.sent(line)
	if t.taps.some.Load() {
		t.taps.show(Sent, line)
	}
}

func (t *Trace) heard(line string) {
	line = t.mask.received(line)
	if t.taps.some.Load() {
		t.taps.show(Received, line)
	}
}

// longestTraced bounds a line of a trace, in bytes. The longest that modems send is a PDU of 352.
const longestTraced = 1024

// tracedLine puts bytes of one direction together.
type tracedLine struct {
	line []byte
	over bool // The line has gone over the bound: what follows of it is left out.
}

func (l *tracedLine) feed(p []byte, emit func(string)) {
	for _, b := range p {
		switch b {
		case '\r', '\n':
			l.end(emit)
		case 0x1a: // It ends a payload.
			l.line = append(l.line, "<Ctrl-Z>"...)
			l.end(emit)
		case 0x1b:
			l.line = append(l.line, "<ESC>"...)
			l.end(emit)
		default:
			switch {
			case len(l.line) < longestTraced:
				l.line = append(l.line, b)
			case !l.over:
				l.over = true
			}
		}
	}
}

func (l *tracedLine) end(emit func(string)) {
	if len(l.line) > 0 {
		text := printable(l.line)
		if l.over {
			text += " ..."
		}
		emit(text)
	}
	l.line, l.over = l.line[:0], false
}
