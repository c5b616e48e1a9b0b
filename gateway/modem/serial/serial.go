// Package serial opens serial ports so that a Read waits for bytes, ends when the device goes away, and ends on Close.
//
// It is the only importer of github.com/tarm/serial, whose Read can do neither alone: with a read timeout it reports the
// timeout as io.EOF, as it does a hang-up; without one, Close hangs until a byte comes.
package serial

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/tarm/serial"
)

// ErrHangUp says that the device behind the port is gone: unplugged, or enumerated anew under another name.
var ErrHangUp = errors.New("the serial device has hung up")

// DefaultBaud is what GSM modems mostly run at; USB sticks take any.
const DefaultBaud = 115200

const (
	// readTimeout is tarm's shortest. It bounds how long Close waits.
	readTimeout = 100 * time.Millisecond

	// A read that ends empty in less than this has not waited for its time-out: it is a sign of a hang-up.
	tooSoon = readTimeout / 2

	// A signal can cut a wait short, once. A port that hung up gives every read at once, so a few in a row are sure.
	hangUpReads = 5
)

// Open opens the port by its path, which should be a stable one under /dev/serial/by-id, with 8 data bits, no parity and
// one stop bit. A baud of 0 means DefaultBaud. Read and Write may run at once; Close ends a Read within 100 ms.
func Open(path string, baud int) (io.ReadWriteCloser, error) {
	if baud == 0 {
		baud = DefaultBaud
	}
	p, err := serial.OpenPort(&serial.Config{Name: path, Baud: baud, ReadTimeout: readTimeout})
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("no modem at %s: check that it is plugged in, and the path: %w", path, err)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("may not open %s: add the user that runs Waybill to the group dialout: %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("open %s at %d baud: %w", path, baud, err)
	}
	return &port{tty: p}, nil
}

// tty is the part of tarm's port that is used here.
type tty interface {
	io.ReadWriteCloser
	Flush() error
}

type port struct {
	tty    tty
	closed atomic.Bool
}

// Read waits until there are bytes, the device hangs up (ErrHangUp) or Close is called (os.ErrClosed).
func (p *port) Read(b []byte) (int, error) {
	for soon := 0; ; {
		asked := time.Now()
		n, err := p.tty.Read(b)
		switch {
		case p.closed.Load():
			return 0, os.ErrClosed
		case n > 0:
			return n, nil
		case err != nil && !errors.Is(err, io.EOF):
			return 0, fmt.Errorf("%w: %w", ErrHangUp, err)
		case time.Since(asked) >= tooSoon:
			soon = 0
		default:
			if soon++; soon == hangUpReads {
				return 0, ErrHangUp
			}
		}
	}
}

// Write writes all of b; a device that is gone gives ErrHangUp.
func (p *port) Write(b []byte) (int, error) {
	if p.closed.Load() {
		return 0, os.ErrClosed
	}
	n, err := p.tty.Write(b)
	if err != nil {
		return n, fmt.Errorf("%w: %w", ErrHangUp, err)
	}
	return n, nil
}

// Close closes the port. What is unsent is discarded first, so that a Write to a device that takes nothing ends too.
func (p *port) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	_ = p.tty.Flush() // A device that is gone can't be flushed; it is closed all the same.
	return p.tty.Close()
}
