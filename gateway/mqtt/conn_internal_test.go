package mqtt

import (
	"bytes"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bytesConn is a connection that says what the reader says.
type bytesConn struct {
	net.Conn
	io.Reader
}

func (c bytesConn) Read(p []byte) (int, error)     { return c.Reader.Read(p) }
func (bytesConn) SetReadDeadline(time.Time) error  { return nil }
func (bytesConn) SetWriteDeadline(time.Time) error { return nil }
func (bytesConn) Close() error                     { return nil }

// packet is a packet of the kind as it is sent.
func packet(kind byte, body []byte) []byte {
	b := []byte{kind << 4}
	n := len(body)
	for ; n > 0x7f; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(append(b, byte(n)), body...)
}

func TestConnCutsPublishesAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const limit = 300
		var sent []byte
		var want []frame
		for range rapid.IntRange(0, 8).Draw(t, "packets") {
			kind := rapid.SampledFrom([]byte{typePublish, typePublish, 8, 12}).Draw(t, "kind")
			body := bytes.Repeat([]byte{byte(len(sent) & 0xff)}, rapid.SampledFrom([]int{0, 1, 127, 128, 299, 300, 301, 5000, 16000, 70000}).Draw(t, "length"))
			most := limit
			if kind != typePublish {
				body, most = body[:min(len(body), smallPacket)], smallPacket
			}
			kept := body[:min(len(body), most)]
			sent = append(sent, packet(kind, body)...)
			want = append(want, frame{first: kind << 4, body: kept, skipped: len(body) - len(kept)})
		}
		c := newConn(t.Context(), bytesConn{Reader: iotest.HalfReader(bytes.NewReader(sent))}, limit)
		defer c.cancel()
		c.device = "d"
		for _, expected := range want {
			got, err := c.next()
			require.NoError(t, err)
			require.Equal(t, expected, got)
		}
		_, err := c.next()
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestConnBoundsStrangers(t *testing.T) {
	t.Parallel()
	for _, kind := range []byte{1, typePublish} {
		c := newConn(t.Context(), bytesConn{Reader: bytes.NewReader(packet(kind, make([]byte, smallPacket+1)))}, 1<<20)
		defer c.cancel()
		_, err := c.next()
		require.ErrorIs(t, err, errPacketTooLarge)
	}
}

func FuzzConn(f *testing.F) {
	f.Add([]byte{0x30, 3, 1, 2, 3, 0xc0, 0})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, sent []byte) {
		c := newConn(t.Context(), bytesConn{Reader: bytes.NewReader(sent)}, 64)
		defer c.cancel()
		c.device = "d"
		read := 0
		for {
			packet, err := c.next()
			if err != nil {
				break
			}
			require.True(t, packet.first>>4 != typePublish || len(packet.body) <= 64)
			read += len(packet.body) + packet.skipped
		}
		require.LessOrEqual(t, read, len(sent))
	})
}
