// Package postbox lets other processes put texts into the SIM of an emulated modem:
// a socket beside the modem's terminal, for replays and for trying things out.
package postbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// longestLine bounds one text with its wrapping, in bytes.
	longestLine = 64 << 10
	// patience bounds one exchange.
	patience = 10 * time.Second
)

// Suffix is added to the path of a modem's terminal for the path of its postbox.
const Suffix = ".postbox"

// Text is a text on its way into a SIM.
type Text struct {
	// From is the sender's number.
	From string `json:"from"`
	Text string `json:"text"`
	// Time is the service centre's time stamp; now when zero.
	Time time.Time `json:"time,omitzero"`
}

// answer is what the other side is told.
type answer struct {
	Error string `json:"error,omitempty"`
}

// SIM takes texts.
type SIM interface {
	// Inject stores a text as one that has come, or says why it can't.
	Inject(from, text string, at time.Time) error
}

// Box is an open postbox.
type Box struct {
	sim      SIM
	listener net.Listener
}

// Open opens the postbox of the modem at the path: texts may be sent from now on.
// They are put into the SIM once it is served.
func Open(ctx context.Context, modem string, sim SIM) (*Box, error) {
	path := modem + Suffix
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the postbox of an earlier run: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the postbox: %w", err)
	}
	return &Box{sim: sim, listener: listener}, nil
}

// Serve takes texts until the context ends, and closes the box then.
func (b *Box) Serve(ctx context.Context) error {
	var exchanges sync.WaitGroup
	defer exchanges.Wait()
	stop := context.AfterFunc(ctx, func() { _ = b.listener.Close() })
	defer stop()
	for {
		conn, err := b.listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.Join(fmt.Errorf("serve the postbox: %w", err), b.listener.Close())
		}
		exchanges.Go(func() { exchange(ctx, conn, b.sim) })
	}
}

// exchange takes texts from one connection, a line each, and answers each.
func exchange(ctx context.Context, conn net.Conn, sim SIM) {
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, longestLine)
	answers := json.NewEncoder(conn)
	for lines.Scan() {
		var reply answer
		if err := put(sim, lines.Bytes()); err != nil {
			reply.Error = err.Error()
		}
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return
		}
		if err := answers.Encode(reply); err != nil {
			return
		}
	}
}

func put(sim SIM, line []byte) error {
	var t Text
	if err := json.Unmarshal(line, &t); err != nil {
		return fmt.Errorf("not a text: %w", err)
	}
	if t.Time.IsZero() {
		t.Time = time.Now()
	}
	return sim.Inject(t.From, t.Text, t.Time)
}

// Send puts a text into the SIM of the modem at the path, and returns when it is
// there.
func Send(ctx context.Context, modem string, t Text) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", modem+Suffix)
	if err != nil {
		return fmt.Errorf("no emulated modem at %s: %w; `waybill modem emulate` runs one", modem, err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if err := json.NewEncoder(conn).Encode(t); err != nil {
		return fmt.Errorf("send the text to the modem: %w", err)
	}
	var reply answer
	if err := json.NewDecoder(conn).Decode(&reply); err != nil {
		return fmt.Errorf("the modem did not answer: %w", err)
	}
	if reply.Error != "" {
		return errors.New(reply.Error)
	}
	return nil
}
