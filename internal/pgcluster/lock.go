package pgcluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// fileLock is a flock that ends with the process, whatever ends that.
type fileLock struct{ file *os.File }

var errLocked = errors.New("locked")

// tryLock takes the lock on path or gives errLocked. how is LOCK_SH or LOCK_EX.
func tryLock(path string, how int) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fileError(err, path)
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		return &fileLock{file: file}, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// blockingLock takes the exclusive lock on path as soon as it can be had.
func blockingLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fileError(err, path)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return &fileLock{file: file}, nil
}

// sign writes who holds the lock, for those who find it held.
func (l *fileLock) sign(purpose string) error {
	text := fmt.Sprintf("%d %s\n", os.Getpid(), purpose)
	if err := l.file.Truncate(0); err != nil {
		return fileError(err, l.file.Name())
	}
	if _, err := l.file.WriteAt([]byte(text), 0); err != nil {
		return fileError(err, l.file.Name())
	}
	return nil
}

// unsign takes our name off, so that who comes next isn't told of us.
func (l *fileLock) unsign() error { return l.file.Truncate(0) }

// release gives the lock back. The file stays: removing it would let two hold it.
func (l *fileLock) release() error { return l.file.Close() }

// holder reads who signed the lock; 0 when nobody has yet.
func holder(path string) (pid int, purpose string) {
	file, err := os.Open(path)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, 256))
	if err != nil {
		return 0, ""
	}
	number, purpose, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if _, err := fmt.Sscanf(number, "%d", &pid); err != nil {
		return 0, ""
	}
	return pid, purpose
}

// lives says whether there is such a process.
func lives(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// inUse is the error for a second owner.
func inUse(l layout) error {
	pid, purpose := holder(l.owner())
	return &SetupError{
		Kind:   ErrInUse,
		PID:    pid,
		Reason: fmt.Sprintf("process %d (%s) owns %s", pid, purpose, l.root),
		Remedy: fmt.Sprintf("Stop that one first (kill %d), or choose another --data-dir.", pid),
	}
}

// isCommand tells the purpose of an owner that is soon gone, so that an owner that
// comes meanwhile waits.
func isCommand(purpose string) bool { return strings.HasPrefix(purpose, commandPrefix) }

const commandPrefix = "command "

func commandPurpose() string { return commandPrefix + filepath.Base(os.Args[0]) }
