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
func packet(kind byte, body []byte) []byte {
	return append(appendLength([]byte{kind << 4}, len(body)), body...)
}

func cut(kind byte, body []byte, limit int) []byte {
	if kind == typePublish {
		body = body[:min(len(body), limit)]
	}
	return packet(kind, body)
}

func TestConnCutsPublishesAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const limit = 300
		var sent, want []byte
		for range rapid.IntRange(0, 8).Draw(t, "packets") {
			kind := rapid.SampledFrom([]byte{typePublish, typePublish, 8, 12}).Draw(t, "kind")
			body := bytes.Repeat([]byte{byte(len(sent) & 0xff)}, rapid.SampledFrom([]int{0, 1, 127, 128, 299, 300, 301, 5000, 16000, 70000}).Draw(t, "length"))
			if kind != typePublish {
				body = body[:min(len(body), smallPacket)]
			}
			sent, want = append(sent, packet(kind, body)...), append(want, cut(kind, body, limit)...)
		}
		c := newConn(t.Context(), bytesConn{Reader: iotest.HalfReader(bytes.NewReader(sent))}, limit)
		defer c.cancel()
		c.device = "d"
		got, err := io.ReadAll(iotest.OneByteReader(c))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	})
}

func TestConnRemembersWhatItSkipped(t *testing.T) {
	t.Parallel()
	c := newConn(t.Context(), bytesConn{Reader: bytes.NewReader(packet(typePublish, make([]byte, 1000)))}, 300)
	defer c.cancel()
	c.device = "d"
	_, err := io.ReadFull(c, make([]byte, 3+300))
	require.NoError(t, err)
	require.Equal(t, 700, c.skipped)
}

func TestConnBoundsStrangers(t *testing.T) {
	t.Parallel()
	for _, kind := range []byte{1, typePublish} {
		c := newConn(t.Context(), bytesConn{Reader: bytes.NewReader(packet(kind, make([]byte, smallPacket+1)))}, 1<<20)
		defer c.cancel()
		_, err := io.ReadAll(c)
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
		got, _ := io.ReadAll(c)
		require.LessOrEqual(t, len(got), len(sent))
	})
}
