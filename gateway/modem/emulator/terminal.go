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

// unsent is how many writes wait for a client that doesn't read. What comes after is lost, as on a real line.
const unsent = 1024

// terminal is the pseudo-terminal that clients open, and the two goroutines that serve it.
type terminal struct {
	path   string // For clients.
	link   string // The symbolic link to remove at the end, or empty.
	master *os.File
	slave  *os.File // Kept open, so that the line outlives its clients.

	outbox chan string
	quit   chan struct{}
	wait   sync.WaitGroup
}

func openTerminal(link string) (*terminal, error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal (is /dev/ptmx there, and devpts mounted?): %w", err)
	}
	master, err := pollable(blocking)
	if err == nil {
		err = raw(slave)
	}
	path := slave.Name()
	if err == nil && link != "" {
		err = relink(path, link)
		path = link
	}
	if err != nil {
		if master != nil {
			_ = master.Close()
		}
		_ = slave.Close()
		return nil, err
	}
	return &terminal{
		path: path, link: link, master: master, slave: slave,
		outbox: make(chan string, unsent), quit: make(chan struct{}),
	}, nil
}

// start serves the line: input gets each byte that a client sends.
func (t *terminal) start(input func(b byte)) {
	slave := int(t.slave.Fd())
	t.wait.Go(func() {
		buf := make([]byte, 512)
		for {
			n, err := t.master.Read(buf)
			// A client may take the line for itself alone, as gammu does. A real port is free again when it is
			// closed; this one we keep open, so nobody but root could open it any more.
			_ = unix.IoctlSetInt(slave, unix.TIOCNXCL, 0)
			for _, b := range buf[:n] {
				input(b)
			}
			if err != nil {
				return
			}
		}
	})
	t.wait.Go(func() {
		for {
			select {
			case text := <-t.outbox:
				if _, err := t.master.WriteString(text); err != nil {
					return
				}
			case <-t.quit:
				return
			}
		}
	})
}

func (t *terminal) say(text string) {
	select {
	case t.outbox <- text:
	default:
	}
}

func (t *terminal) close() error {
	close(t.quit)
	err := t.master.Close()
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
