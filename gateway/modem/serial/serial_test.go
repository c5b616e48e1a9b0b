package serial_test

import (
	"io"
	"os"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/gateway/modem/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open gives a port on a pseudo-terminal, and the device side of it.
func open(t *testing.T) (io.ReadWriteCloser, *os.File) {
	t.Helper()
	device, tty, err := pty.Open()
	require.NoError(t, err)
	p, err := serial.Open(tty.Name(), 0)
	require.NoError(t, err)
	require.NoError(t, tty.Close())
	t.Cleanup(func() {
		_ = p.Close()
		_ = device.Close()
	})
	return p, device
}

type result struct {
	text string
	err  error
}

func read(p io.Reader) <-chan result {
	got := make(chan result, 1)
	go func() {
		buf := make([]byte, 64)
		n, err := p.Read(buf)
		got <- result{string(buf[:n]), err}
	}()
	return got
}

func TestReadWaitsThroughTimeouts(t *testing.T) {
	t.Parallel()
	p, device := open(t)
	got := read(p)
	_, err := p.Write([]byte("AT\r"))
	require.NoError(t, err)
	buf := make([]byte, 3)
	_, err = io.ReadFull(device, buf)
	require.NoError(t, err)
	require.Equal(t, "AT\r", string(buf))
	_, err = device.WriteString("OK")
	require.NoError(t, err)
	require.Equal(t, result{"OK", nil}, <-got)
}

func TestHangUpEndsRead(t *testing.T) {
	t.Parallel()
	p, device := open(t)
	got := read(p)
	require.NoError(t, device.Close())
	require.ErrorIs(t, (<-got).err, serial.ErrHangUp)
	_, err := p.Write([]byte("AT\r"))
	require.ErrorIs(t, err, serial.ErrHangUp)
}

func TestCloseEndsRead(t *testing.T) {
	t.Parallel()
	p, _ := open(t)
	got := read(p)
	require.NoError(t, p.Close())
	require.ErrorIs(t, (<-got).err, os.ErrClosed)
	require.NoError(t, p.Close())
}

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := serial.Open(t.TempDir()+"/none", 0)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "plugged in")
}
