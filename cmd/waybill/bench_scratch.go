package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
)

// ownDatabase has what follows run on a database of its own, which is in a folder that remove removes.
func (g *Globals) ownDatabase() (remove func() error, err error) {
	dir, err := os.MkdirTemp("", "waybill-bench-")
	if err != nil {
		return nil, err
	}
	remove = func() error { return os.RemoveAll(dir) }
	// PostgreSQL runs as another user when we are root.
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // see above
		return nil, errors.Join(err, remove())
	}
	g.DataDir, g.DatabaseURL = filepath.Join(dir, "data"), ""
	return remove, nil
}

// freeAddresses fills in addresses of the loopback that nobody listens on just now, each another.
func freeAddresses(ctx context.Context, into ...*string) (err error) {
	for _, address := range into {
		l, e := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if e != nil {
			return e
		}
		// All are held until the last is there, or one could be given twice.
		defer func() { err = errors.Join(err, l.Close()) }()
		*address = l.Addr().String()
	}
	return nil
}
