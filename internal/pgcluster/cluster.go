package pgcluster

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"syscall"
	"time"
)

const (
	// stopPatience is how long a fast shutdown may take before an immediate one.
	stopPatience = 30 * time.Second
	// commandPatience is how long an owner waits for a command that borrows the
	// cluster to end.
	commandPatience = 30 * time.Second
)

// Config says which cluster, and from what.
type Config struct {
	DataDir string       // made when it is missing
	BinDir  string       // where PostgreSQL's programs are; "" looks for them
	Purpose string       // what a second process is told about us; "" is "waybill"
	Logger  *slog.Logger // required
}

// Cluster is a running PostgreSQL + PostGIS, owned or borrowed.
type Cluster struct {
	server *server
	logger *slog.Logger
	close  func() error // shutdown, once

	owner     *fileLock // nil when the cluster is borrowed
	user      *fileLock // held while the cluster is borrowed
	momentary bool      // owned by a command: others may borrow it meanwhile

	cancel context.CancelFunc // ends the supervisor
	done   chan struct{}      // closed when it has ended

	mu   sync.Mutex
	down error // guarded by mu; nil while PostgreSQL is up
}

// Open takes possession of the data directory and brings its cluster up: made when
// there is none, started, or adopted when a killed owner left it running. The
// cluster is kept running until Close. ctx bounds the start only.
//
// The error is mostly a *[SetupError]; a second owner gets [ErrInUse].
func Open(ctx context.Context, config Config) (*Cluster, error) {
	l, err := newLayout(config.DataDir)
	if err != nil {
		return nil, err
	}
	lock, err := own(ctx, l)
	if err != nil {
		return nil, err
	}
	purpose := config.Purpose
	if purpose == "" {
		purpose = "waybill"
	}
	return open(ctx, config, l, lock, purpose)
}

// own takes the owner's lock. A command that has it for a moment is waited for, and
// so is an owner who is gone or hasn't signed yet: somebody is just taking over.
func own(ctx context.Context, l layout) (*fileLock, error) {
	bounded, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	ticker := time.NewTicker(pollEvery / 4)
	defer ticker.Stop()
	for {
		lock, err := tryLock(l.owner(), syscall.LOCK_EX)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		if pid, purpose := holder(l.owner()); !isCommand(purpose) && lives(pid) {
			return nil, inUse(l)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-bounded.Done():
			return nil, inUse(l)
		case <-ticker.C:
		}
	}
}

// open starts the cluster of a directory whose lock we hold.
func open(ctx context.Context, config Config, l layout, lock *fileLock, purpose string) (_ *Cluster, err error) {
	c := &Cluster{owner: lock, logger: config.Logger, momentary: isCommand(purpose), done: make(chan struct{})}
	c.close = sync.OnceValue(c.shutdown)
	defer func() {
		if err != nil {
			err = errors.Join(err, lock.release())
		}
	}()
	if err := lock.sign(purpose); err != nil {
		return nil, err
	}
	if c.server, err = newServer(ctx, l, config.BinDir, true, config.Logger); err != nil {
		return nil, err
	}
	if err := c.server.prepare(ctx); err != nil {
		return nil, err
	}
	adopted, err := c.server.start(ctx)
	if err != nil {
		return nil, errors.Join(err, c.server.stop(stopPatience))
	}
	c.logger.InfoContext(ctx, "database is up", "dir", l.root, "postgres", c.server.binaries.Version, "adopted", adopted)
	supervise, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	go c.supervise(supervise)
	return c, nil
}

// URL connects to the cluster's database.
func (c *Cluster) URL() string { return address(c.server.socketDir, dbname) }

// Binaries are the programs that the cluster runs from.
func (c *Cluster) Binaries() Binaries { return c.server.binaries }

// Owned says whether this process runs the cluster, or only borrows it.
func (c *Cluster) Owned() bool { return c.owner != nil }

// Health is nil while PostgreSQL is up, and wraps [ErrDown] while it is being
// restarted. Of a borrowed cluster it says whether its postmaster lives.
func (c *Cluster) Health() error {
	if !c.Owned() {
		if _, ok := c.server.layout.postmaster(); !ok {
			return ErrDown
		}
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.down
}

func (c *Cluster) setDown(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = err
}

// Close stops an owned cluster and waits until it is gone: fast, and if that takes
// more than half a minute, immediately, which loses nothing but makes the next
// start recover. A borrowed cluster it leaves alone. Close pools first. A second
// Close does nothing.
func (c *Cluster) Close() error { return c.close() }

func (c *Cluster) shutdown() error {
	if !c.Owned() {
		return c.user.release()
	}
	c.cancel()
	<-c.done
	var errs []error
	if c.momentary {
		// Commands that borrowed the cluster from us finish first. There is no bound
		// but theirs: a backup may take an hour.
		users, err := blockingLock(c.server.layout.users())
		if err == nil {
			defer func() { _ = users.release() }() // last: none may borrow before it is stopped
		}
		errs = append(errs, err)
	}
	errs = append(errs, c.server.stop(stopPatience), c.owner.unsign(), c.owner.release())
	return errors.Join(errs...)
}
