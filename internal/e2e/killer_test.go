package e2e_test

import (
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is killed besides the server's processes.
const (
	postmaster = "postmaster"
	backend    = "backend" // one of PostgreSQL's, after which it begins anew by itself
)

// kill kills a process of the server or of PostgreSQL, so many times, at random points
// of the progress and then a random moment later. Some kills don't wait for what was
// killed before to be back.
func (c *convoy) kill(ctx context.Context, t *testing.T, times int, progress *progress) {
	t.Helper()
	killed := make(map[string]int)
	for left := times; left > 0; left-- {
		if left == times || rand.IntN(5) > 0 { //nolint:gosec // chance, not secrecy
			require.NoError(t, progress.wait(ctx, rand.IntN(2*progress.left/(left+1)+1), c.ended())) //nolint:gosec // chance, not secrecy
		}
		for victim := c.victim(); ; victim = c.victim() {
			moment := time.NewTimer(time.Duration(rand.IntN(int(100 * time.Millisecond)))) //nolint:gosec // chance, not secrecy
			select {
			case <-moment.C:
			case <-ctx.Done():
				t.Fatal(context.Cause(ctx))
			}
			if c.killOne(ctx, t, victim) {
				killed[victim]++
				break
			}
		}
	}
	t.Logf("killed %v with %d messages left", killed, progress.left)
}

// victim is who is killed next: each process of the server and PostgreSQL as often.
func (c *convoy) victim() string {
	victims := append([]string{postmaster, backend}, c.roles()...)
	return victims[rand.IntN(len(victims))] //nolint:gosec // chance, not secrecy
}

// killOne says whether there was one to kill.
func (c *convoy) killOne(ctx context.Context, t *testing.T, victim string) bool {
	t.Helper()
	switch victim {
	case postmaster:
		return c.crashDatabase(t)
	case backend:
		var pid int
		err := c.pool.QueryRow(ctx, `
			select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
			order by state = 'active' desc, random() limit 1`).Scan(&pid)
		return err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil
	}
	c.crash(t, victim)
	return true
}
