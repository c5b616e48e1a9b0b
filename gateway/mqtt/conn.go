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
	// readBuffer is what a connection reads ahead, in bytes.
	readBuffer = 1 << 10
	// smallPacket bounds every packet but PUBLISH, and any before the device has said its password, in bytes.
	smallPacket = 16 << 10
	// skipChunk is how much of an oversized packet is dropped at once, in bytes, and skipTime how long that may take.
	skipChunk = 32 << 10
	skipTime  = 30 * time.Second

	typePublish = 3
)

var (
	errPacketTooLarge = errors.New("packet too large")
	errBadLength      = errors.New("malformed length of a packet")
)

// conn is a device's connection that knows where packets begin. It hands on no more than the limit of a PUBLISH and
// drops the rest: so whatever a device sends, memory is bounded, and a message that is too large can still be kept (its
// beginning) and acknowledged. Closing the connection instead would have the device send it again for ever, and
// nothing behind it would ever come.
type conn struct {
	net.Conn
	in    *bufio.Reader
	limit int

	// Of the packet being read; used by the client's goroutine alone.
	header  []byte // of it, still to hand on
	body    int    // bytes still to hand on
	skip    int    // bytes behind these, to drop
	skipped int    // bytes that were dropped
	space   [5]byte

	// Of the device; set by the client's goroutine when it has said its password.
	device   string
	patience time.Duration // how long a publish may wait for its commit
	checked  time.Time     // when it was last known to be welcome
	began    time.Time     // when the publish in hand came

	ctx      context.Context //nolint:containedctx // it is the connection's life, which mochi's hooks don't pass on
	cancel   context.CancelFunc
	draining atomic.Bool
}

func newConn(ctx context.Context, c net.Conn, limit int) *conn {
	wrapped := &conn{Conn: c, in: bufio.NewReaderSize(c, readBuffer), limit: limit}
	wrapped.ctx, wrapped.cancel = context.WithCancel(ctx)
	return wrapped
}

// Read hands on bytes of one packet, never of two.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(c.header) == 0 && c.body == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(c.header) > 0 {
		n := copy(p, c.header)
		c.header = c.header[n:]
		return n, nil
	}
	n, err := c.in.Read(p[:min(len(p), c.body)])
	c.body -= n
	if c.body == 0 && err == nil {
		err = c.drop()
	}
	return n, err
}

// next reads the fixed header of a packet (MQTT 3.1.1, 2.2) and decides how much of the packet is handed on.
func (c *conn) next() error {
	if c.draining.Load() {
		return io.EOF // between two packets nothing is lost
	}
	c.skipped = 0
	first, err := c.in.ReadByte()
	if err != nil {
		return err
	}
	length := 0
	for shift := 0; ; shift += 7 {
		if shift > 21 {
			return errBadLength
		}
		b, err := c.in.ReadByte()
		if err != nil {
			return err
		}
		length |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	c.body, c.skip = length, 0
	switch {
	case c.device != "" && first>>4 == typePublish:
		c.body = min(length, c.limit)
		c.skip = length - c.body
	case length > smallPacket:
		return errPacketTooLarge
	}
	c.header = appendLength(append(c.space[:0], first), c.body)
	return nil
}

func appendLength(b []byte, n int) []byte {
	for n > 0x7f {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n&0x7f))
}

// drop reads past the rest of an oversized packet. It may take its time while it gets on.
func (c *conn) drop() error {
	for c.skip > 0 {
		if err := c.SetReadDeadline(time.Now().Add(skipTime)); err != nil {
			return err
		}
		n, err := c.in.Discard(min(c.skip, skipChunk))
		c.skip -= n
		c.skipped += n
		if err != nil {
			return err
		}
	}
	return nil
}

// drain lets what is being worked on end, and then the connection.
func (c *conn) drain() {
	c.draining.Store(true)
	_ = c.SetReadDeadline(time.Unix(1, 0))
}

// SetDeadline sets both deadlines, unless the connection is being drained: then nothing more is read.
func (c *conn) SetDeadline(t time.Time) error {
	err := c.Conn.SetDeadline(t)
	if c.draining.Load() {
		return errors.Join(c.SetWriteDeadline(t), c.SetReadDeadline(time.Unix(1, 0)))
	}
	return err
}

// Close ends the connection and whatever waits for it.
func (c *conn) Close() error {
	c.cancel()
	return c.Conn.Close()
}
