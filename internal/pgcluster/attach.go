package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// attachPatience is how long a command waits for an owner that is just coming up.
const attachPatience = time.Minute

// Attach is for commands beside a server: it borrows the cluster from the process
// that owns the directory, or owns it until Close when nobody does. Other commands
// may borrow it meanwhile; Close then waits for them.
func Attach(ctx context.Context, config Config) (*Cluster, error) {
	l, err := newLayout(config.DataDir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, attachPatience,
		fmt.Errorf("the owner of %s has no database up after %v", l.root, attachPatience))
	defer cancel()
	ticker := time.NewTicker(pollEvery / 4)
	defer ticker.Stop()
	for {
		lock, err := tryLock(l.owner(), syscall.LOCK_EX)
		if err == nil {
			return open(ctx, config, l, lock, commandPurpose())
		}
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		if c, err := borrow(ctx, l, config); c != nil || err != nil {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// borrow gives nil when there is nothing to borrow yet. The users' lock comes
// first: under it a momentary owner doesn't stop the cluster.
func borrow(ctx context.Context, l layout, config Config) (*Cluster, error) {
	user, err := tryLock(l.users(), syscall.LOCK_SH)
	if errors.Is(err, errLocked) {
		return nil, nil //nolint:nilnil // a momentary owner is about to stop it
	}
	if err != nil {
		return nil, err
	}
	// Should its owner have died since, we use an orphan: it works, and the next
	// owner adopts it.
	p, ok := l.postmaster()
	if !ok || p.status != "ready" || p.socketDir == "" {
		return nil, user.release()
	}
	s, err := newServer(ctx, l, config.BinDir, true, config.Logger)
	if err != nil {
		return nil, errors.Join(err, user.release())
	}
	s.socketDir = p.socketDir
	c := &Cluster{server: s, logger: config.Logger, user: user}
	c.close = sync.OnceValue(c.shutdown)
	return c, nil
}
