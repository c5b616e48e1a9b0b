// Package postbox lets other processes put texts into the SIM of an emulated modem,
// have things go wrong with it, and see what it holds: a socket beside the modem's
// terminal, for replays, tests, and trying things out.
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

	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
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

// request is one line to the modem: a text, unless one of the others is set.
type request struct {
	Text

	Fault *fault.Fault `json:"fault,omitempty"`
	State bool         `json:"state,omitempty"`
}

// answer is what the other side is told.
type answer struct {
	Error string          `json:"error,omitempty"`
	State *emulator.State `json:"state,omitempty"`
}

// Modem is an emulated modem; *emulator.Emulator is one.
type Modem interface {
	// Inject stores a text as one that has come, or says why it can't.
	Inject(from, text string, at time.Time) error
	// Break has something go wrong, or says why it can't.
	Break(f fault.Fault) error
	// State tells what the modem holds.
	State() emulator.State
}

// Box is an open postbox.
type Box struct {
	modem    Modem
	listener net.Listener
}

// Open opens the postbox of the modem at the path: texts may be sent from now on.
// They are put into the SIM once it is served.
func Open(ctx context.Context, path string, modem Modem) (*Box, error) {
	path += Suffix
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the postbox of an earlier run: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the postbox: %w", err)
	}
	return &Box{modem: modem, listener: listener}, nil
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
		exchanges.Go(func() { exchange(ctx, conn, b.modem) })
	}
}

// exchange takes requests from one connection, a line each, and answers each.
func exchange(ctx context.Context, conn net.Conn, modem Modem) {
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, longestLine)
	answers := json.NewEncoder(conn)
	for lines.Scan() {
		reply := do(modem, lines.Bytes())
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return
		}
		if err := answers.Encode(reply); err != nil {
			return
		}
	}
}

func do(modem Modem, line []byte) answer {
	var r request
	err := json.Unmarshal(line, &r)
	switch {
	case err != nil:
		err = fmt.Errorf("not a text: %w", err)
	case r.State:
		state := modem.State()
		return answer{State: &state}
	case r.Fault != nil:
		err = modem.Break(*r.Fault)
	default:
		if r.Time.IsZero() {
			r.Time = time.Now()
		}
		err = modem.Inject(r.From, r.Text.Text, r.Time)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{}
}

// Send puts a text into the SIM of the modem at the path, and returns when it is
// there.
func Send(ctx context.Context, modem string, t Text) error {
	_, err := ask(ctx, modem, request{Text: t})
	return err
}

// Break has something go wrong with the modem at the path, and returns when it does.
func Break(ctx context.Context, modem string, f fault.Fault) error {
	_, err := ask(ctx, modem, request{Fault: &f})
	return err
}

// State tells what the modem at the path holds.
func State(ctx context.Context, modem string) (emulator.State, error) {
	reply, err := ask(ctx, modem, request{State: true})
	if err != nil || reply.State == nil {
		return emulator.State{}, err
	}
	return *reply.State, nil
}

func ask(ctx context.Context, modem string, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", modem+Suffix)
	if err != nil {
		return answer{}, fmt.Errorf("no emulated modem at %s: %w; `waybill modem emulate` runs one", modem, err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return answer{}, err
	}
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return answer{}, fmt.Errorf("tell the modem: %w", err)
	}
	var reply answer
	if err := json.NewDecoder(conn).Decode(&reply); err != nil {
		return answer{}, fmt.Errorf("the modem did not answer: %w", err)
	}
	if reply.Error != "" {
		return answer{}, errors.New(reply.Error)
	}
	return reply, nil
}
