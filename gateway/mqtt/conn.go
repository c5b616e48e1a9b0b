package mqtt

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	// readBuffer is what a connection reads ahead, in bytes: a fix or two.
	readBuffer = 512
	// smallPacket bounds every packet but PUBLISH, and any before the device has said its password, in bytes.
	smallPacket = 16 << 10
	// skipChunk is how much of an oversized packet is dropped at once, in bytes, and skipTime how long that may take.
	skipChunk = 32 << 10
	skipTime  = 30 * time.Second
	// writeTime is how long a device may take to take an answer.
	writeTime = 10 * time.Second

	typePublish = 3
)

var (
	errPacketTooLarge = errors.New("packet too large")
	errBadLength      = errors.New("malformed length of a packet")
)

// conn is a device's connection. It reads whole packets, of a PUBLISH no more than the limit, and drops the rest: so
// whatever a device sends, memory is bounded, and a message that is too large can still be kept (its beginning) and
// acknowledged. Closing the connection instead would have the device send it again for ever, and nothing behind it
// would ever come.
//
// Its fields are used by one goroutine at a time: that which reads, or the worker that it waits for.
type conn struct {
	net.Conn
	in    *bufio.Reader
	limit int

	// Of the device, when it has said its password.
	device   string
	client   string // its client id
	version  byte   // of the protocol: 3, 4 (3.1.1) or 5
	silence  time.Duration
	patience time.Duration // how long a publish may wait for its commit
	checked  time.Time     // when it was last known to be welcome

	ctx      context.Context //nolint:containedctx // it is the connection's life
	cancel   context.CancelFunc
	draining atomic.Bool
}

func newConn(ctx context.Context, c net.Conn, limit int) *conn {
	wrapped := &conn{Conn: c, in: bufio.NewReaderSize(c, readBuffer), limit: limit}
	wrapped.ctx, wrapped.cancel = context.WithCancel(ctx)
	return wrapped
}

// frame is a packet as it came.
type frame struct {
	first byte // type and flags
	body  []byte
	// skipped is how many bytes behind the body were dropped.
	skipped int
}

// next reads a packet (MQTT 3.1.1, 2.2). It ends with io.EOF when the connection is drained: between two packets
// nothing is lost.
func (c *conn) next() (frame, error) {
	if c.draining.Load() {
		return frame{}, io.EOF
	}
	first, err := c.in.ReadByte()
	if err != nil {
		return frame{}, err
	}
	length, err := c.length()
	if err != nil {
		return frame{}, err
	}
	f := frame{first: first}
	switch {
	case c.device != "" && first>>4 == typePublish:
		f.skipped = max(0, length-c.limit)
	case length > smallPacket:
		return frame{}, errPacketTooLarge
	}
	f.body = make([]byte, length-f.skipped)
	if _, err := io.ReadFull(c.in, f.body); err != nil {
		return frame{}, err
	}
	return f, c.drop(f.skipped)
}

// length reads the remaining length of a packet.
func (c *conn) length() (int, error) {
	length := 0
	for shift := 0; shift <= 21; shift += 7 {
		b, err := c.in.ReadByte()
		if err != nil {
			return 0, err
		}
		length |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			return length, nil
		}
	}
	return 0, errBadLength
}

// drop reads past the rest of an oversized packet. It may take its time while it gets on.
func (c *conn) drop(n int) error {
	for n > 0 {
		if err := c.SetReadDeadline(time.Now().Add(skipTime)); err != nil {
			return err
		}
		dropped, err := c.in.Discard(min(n, skipChunk))
		n -= dropped
		if err != nil {
			return err
		}
	}
	return nil
}

// await gives the device until then to say something, unless the connection is being drained: then nothing more is
// read.
func (c *conn) await(until time.Time) error {
	err := c.SetReadDeadline(until)
	if c.draining.Load() {
		return c.SetReadDeadline(time.Unix(1, 0))
	}
	return err
}

// write sends packets, at once.
func (c *conn) write(packets []byte) error {
	if err := c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	_, err := c.Write(packets)
	return err
}

// drain lets what is being worked on end, and then the connection.
func (c *conn) drain() {
	c.draining.Store(true)
	_ = c.SetReadDeadline(time.Unix(1, 0))
}

// Close ends the connection and whatever waits for it.
func (c *conn) Close() error {
	c.cancel()
	return c.Conn.Close()
}
