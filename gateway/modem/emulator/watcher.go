package emulator

import (
	"os"

	"golang.org/x/sys/unix"
)

// watcher tells when somebody opens a file: a pseudo-terminal itself doesn't.
type watcher struct{ events *os.File }

// watch gives nil where the kernel has no watches left: then a hang that ends when the port is opened anew needs Heal.
func watch(path string) *watcher {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil
	}
	if _, err := unix.InotifyAddWatch(fd, path, unix.IN_OPEN); err != nil {
		_ = unix.Close(fd)
		return nil
	}
	return &watcher{os.NewFile(uintptr(fd), "inotify")}
}

// run calls opened for each batch of openings until close.
func (w *watcher) run(opened func()) {
	buf := make([]byte, 16*unix.SizeofInotifyEvent)
	for {
		if _, err := w.events.Read(buf); err != nil {
			return
		}
		opened()
	}
}

func (w *watcher) close() error { return w.events.Close() }
