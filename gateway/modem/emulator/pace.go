package emulator

import (
	"sync"
	"time"
)

// bitsPerByte is what a byte takes on a line with 8 data bits, no parity and one stop bit: the start bit besides.
const bitsPerByte = 10

// meter adds up for how long the line was busy, in either direction. Transfers in both at once count once.
type meter struct {
	mu       sync.Mutex
	sent     int
	received int
	busy     time.Duration
	until    time.Time
}

// Traffic is what has passed on the line since the modem was plugged in.
type Traffic struct {
	Sent     int           // Bytes to the client.
	Received int           // Bytes from it.
	Busy     time.Duration // How long the line was taken, in either direction; 0 on a line without a pace.
}

func (m *meter) add(from time.Time, length time.Duration, sent, received int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent += sent
	m.received += received
	end := from.Add(length)
	if from.Before(m.until) {
		from = m.until
	}
	if end.After(from) {
		m.busy += end.Sub(from)
		m.until = end
	}
}

func (m *meter) traffic() Traffic {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Traffic{Sent: m.sent, Received: m.received, Busy: m.busy}
}

// pace holds one direction of a line to its speed. Each direction has its own.
type pace struct {
	rate  int // Bytes a second; 0 for as fast as it goes.
	meter *meter
	until time.Time // When the last byte is through.
}

// begin says that the line has been waited for: what passes from now on passes without a pause.
func (p *pace) begin() {
	if now := time.Now(); p.until.Before(now) {
		p.until = now
	}
}

// pass returns when the bytes have passed, or false when quit is closed before.
func (p *pace) pass(sent, received int, quit <-chan struct{}) bool {
	if p.rate == 0 {
		p.meter.add(time.Time{}, 0, sent, received)
		return true
	}
	length := time.Duration(sent+received) * time.Second / time.Duration(p.rate)
	p.meter.add(p.until, length, sent, received)
	p.until = p.until.Add(length)
	return rest(time.Until(p.until), quit)
}

// rest waits for a time, or returns false when quit is closed before.
func rest(d time.Duration, quit <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-quit:
		return false
	}
}
