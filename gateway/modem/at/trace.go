package at

import (
	"io"
	"regexp"
	"sync/atomic"
)

// Direction is who speaks in a trace.
type Direction string

// The directions.
const (
	Sent     Direction = "sent"
	Received Direction = "received"
)

// TraceFunc sees bytes as they pass. It runs on the engine's goroutines, so it must be quick, and may not keep p.
type TraceFunc func(dir Direction, p []byte)

// Trace stands between an engine and its port and can be switched on and off while they run. PINs are masked.
type Trace struct {
	port io.ReadWriteCloser
	hook atomic.Pointer[TraceFunc]
	pin  *regexp.Regexp
}

// NewTrace wraps a port; nothing is traced until Set.
func NewTrace(port io.ReadWriteCloser) *Trace {
	return &Trace{port: port, pin: regexp.MustCompile(`(\+CPIN=)[^\r;]*`)}
}

// Set starts tracing to the hook; nil ends it.
func (t *Trace) Set(hook TraceFunc) {
	if hook == nil {
		t.hook.Store(nil)
		return
	}
	t.hook.Store(&hook)
}

// Read reads from the port.
func (t *Trace) Read(p []byte) (int, error) {
	n, err := t.port.Read(p)
	t.show(Received, p[:n])
	return n, err
}

// Write writes to the port.
func (t *Trace) Write(p []byte) (int, error) {
	t.show(Sent, p)
	return t.port.Write(p)
}

// Close closes the port.
func (t *Trace) Close() error { return t.port.Close() }

// show masks on a copy. The engine writes a command in one piece, so that a PIN is never cut in two.
func (t *Trace) show(dir Direction, p []byte) {
	if hook := t.hook.Load(); hook != nil && len(p) > 0 {
		(*hook)(dir, t.pin.ReplaceAll(p, []byte("${1}****")))
	}
}
