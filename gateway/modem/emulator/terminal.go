package emulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal is the pseudo-terminal that clients open, and the goroutines that serve it.
type terminal struct {
	name   string // Its own path.
	link   string // The symbolic link to remove at the end, or empty.
	master *os.File
	slave  *os.File // Kept open, so that the line outlives its clients.
	opens  *watcher // Tells of clients that open it, or nil where the kernel doesn't.

	out   *queue
	meter *meter
	rate  int // Bytes a second in each direction; 0 for as fast as it goes.

	quit chan struct{}
	wait sync.WaitGroup
}

// openTerminal makes a terminal that nobody knows of yet; publish and serve make it a modem's.
func openTerminal(baud int) (*terminal, error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal (is /dev/ptmx there, and devpts mounted?): %w", err)
	}
	master, err := pollable(blocking)
	if err == nil {
		err = raw(slave)
	}
	if err != nil {
		if master != nil {
			_ = master.Close()
		}
		_ = slave.Close()
		return nil, err
	}
	return &terminal{
		name: slave.Name(), master: master, slave: slave, opens: watch(slave.Name()),
		out: newQueue(), meter: &meter{}, rate: baud / bitsPerByte, quit: make(chan struct{}),
	}, nil
}

// path is where clients find the terminal.
func (t *terminal) path() string {
	if t.link != "" {
		return t.link
	}
	return t.name
}

// publish puts the link there, if there is to be one.
func (t *terminal) publish(link string) error {
	if link == "" {
		return nil
	}
	if err := relink(t.name, link); err != nil {
		return err
	}
	t.link = link
	return nil
}

// serve serves the line: input gets what a client sends, byte by byte, and opened is told of each client that opens it.
func (t *terminal) serve(input func(b byte), opened func()) {
	t.wait.Go(func() { t.read(input) })
	t.wait.Go(t.write)
	if t.opens != nil {
		t.wait.Go(func() { t.opens.run(opened) })
	}
}

func (t *terminal) read(input func(b byte)) {
	slave := int(t.slave.Fd())
	speed := pace{rate: t.rate, meter: t.meter}
	buf := make([]byte, 512)
	for {
		n, err := t.master.Read(buf)
		// A client may take the line for itself alone, as gammu does. A real port is free again when it is
		// closed; this one we keep open, so nobody but root could open it any more.
		_ = unix.IoctlSetInt(slave, unix.TIOCNXCL, 0)
		speed.begin()
		if !speed.pass(0, n, t.quit) {
			return
		}
		for _, b := range buf[:n] {
			input(b)
		}
		if err != nil {
			return
		}
	}
}

// chunk is how much of an answer is written at once on a line with a pace: 3 ms at 115,200 baud.
const chunk = 32

func (t *terminal) write() {
	speed := pace{rate: t.rate, meter: t.meter}
	for {
		next, ok := t.out.take()
		if !ok {
			select {
			case <-t.out.more:
				continue
			case <-t.quit:
				return
			}
		}
		if !rest(next.late, t.quit) {
			return
		}
		speed.begin()
		for text := next.text; len(text) > 0 && !t.out.silent(); {
			n := len(text)
			if t.rate > 0 {
				n = min(n, chunk)
			}
			// Its last byte is through when it has passed the line.
			if !speed.pass(n, 0, t.quit) {
				return
			}
			if _, err := t.master.Write(text[:n]); err != nil {
				return
			}
			text = text[n:]
		}
	}
}

// close hangs up, ends the goroutines, and takes the link away.
func (t *terminal) close() error {
	close(t.quit)
	err := t.master.Close()
	if t.opens != nil {
		err = errors.Join(err, t.opens.close())
	}
	t.wait.Wait()
	err = errors.Join(err, t.slave.Close())
	if t.link != "" {
		if rm := os.Remove(t.link); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
	}
	return err
}

// pollable gives the same file in a form whose Close ends a Read or Write that waits; pty.Open leaves it blocking.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close() //nolint:errcheck // A duplicate stays open.
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate the pseudo-terminal: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("make the pseudo-terminal pollable: %w", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// raw turns off what terminals do for people: with the kernel's own echo the modem would hear itself.
func raw(f *os.File) error {
	fd := int(f.Fd())
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return fmt.Errorf("read terminal settings: %w", err)
	}
	t.Iflag = unix.IGNPAR
	t.Oflag = 0
	t.Lflag = 0
	t.Cflag = unix.CREAD | unix.CLOCAL | unix.CS8 | unix.B115200
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, t); err != nil {
		return fmt.Errorf("make the terminal raw: %w", err)
	}
	return nil
}

// relink points the link at the terminal. Something else that is there is left alone.
func relink(path, link string) error {
	if info, err := os.Lstat(link); err == nil {
		if info.Mode()&fs.ModeSymlink == 0 {
			return fmt.Errorf("%s is there and is no symbolic link: choose another path for the emulated modem", link)
		}
		if err := os.Remove(link); err != nil {
			return fmt.Errorf("replace the link to the emulated modem: %w", err)
		}
	}
	if err := os.Symlink(path, link); err != nil {
		return fmt.Errorf("link the emulated modem: %w", err)
	}
	return nil
}
