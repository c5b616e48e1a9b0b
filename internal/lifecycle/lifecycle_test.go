package lifecycle_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"waybill/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

var (
	errBroken = errors.New("broken")
	errWorse  = errors.New("worse")
)

// diary is what happened, in order.
type diary struct {
	mu    sync.Mutex
	lines []string // guarded by mu
}

func (d *diary) note(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

// part notes its start, its stop and its end.
func (d *diary) part(name string) lifecycle.Component {
	return lifecycle.Component{
		Name:  name,
		Start: func(context.Context) error { d.note("start " + name); return nil },
		Run:   func(ctx context.Context) error { <-ctx.Done(); d.note("end " + name); return ctx.Err() },
		Stop:  func(context.Context) error { d.note("stop " + name); return nil },
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var d diary
	last := lifecycle.Component{Name: "last", Start: func(context.Context) error { stop(); return nil }}
	require.NoError(t, lifecycle.Run(ctx, quiet(), d.part("store"), d.part("server"), last))
	require.Equal(t, []string{
		"start store", "start server", "stop server", "end server", "stop store", "end store",
	}, d.lines)
}

func TestFailingStart(t *testing.T) {
	t.Parallel()
	var d diary
	broken := lifecycle.Component{Name: "server", Start: func(context.Context) error { return errBroken }}
	err := lifecycle.Run(t.Context(), quiet(), d.part("store"), broken, d.part("never"))
	require.ErrorIs(t, err, errBroken)
	require.EqualError(t, err, "start server: broken")
	require.Equal(t, []string{"start store", "stop store", "end store"}, d.lines)
}

func TestFailingRunStopsTheRest(t *testing.T) {
	t.Parallel()
	var d diary
	broken := lifecycle.Component{Name: "server", Run: func(context.Context) error { return errBroken }}
	waits := lifecycle.Component{Name: "waits", Start: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	err := lifecycle.Run(t.Context(), quiet(), d.part("store"), broken, waits)
	require.EqualError(t, err, "server: broken")
	require.Equal(t, []string{"start store", "stop store", "end store"}, d.lines)
}

func TestEveryErrorIsTold(t *testing.T) {
	t.Parallel()
	one := lifecycle.Component{Name: "one", Stop: func(context.Context) error { return errWorse }}
	two := lifecycle.Component{Name: "two", Run: func(context.Context) error { return errBroken }}
	err := lifecycle.Run(t.Context(), quiet(), one, two)
	require.ErrorIs(t, err, errBroken)
	require.ErrorIs(t, err, errWorse)
}

func TestToldToStopWhileStarting(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	waits := lifecycle.Component{Name: "waits", Start: func(ctx context.Context) error { stop(); <-ctx.Done(); return ctx.Err() }}
	require.NoError(t, lifecycle.Run(ctx, quiet(), waits))
}

func TestDoneIsNoFailure(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	done := lifecycle.Component{Name: "import", Run: func(context.Context) error { return nil }}
	last := lifecycle.Component{Name: "last", Run: func(context.Context) error { stop(); return nil }}
	require.NoError(t, lifecycle.Run(ctx, quiet(), done, last))
}

func TestStuck(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	release := make(chan struct{})
	var d diary
	stuck := lifecycle.Component{Name: "stuck", Run: func(context.Context) error { stop(); <-release; return nil }}
	group := lifecycle.Group{Logger: quiet(), Grace: time.Millisecond, Components: []lifecycle.Component{d.part("store"), stuck}}
	err := group.Run(ctx)
	close(release)
	require.ErrorIs(t, err, lifecycle.ErrStuck)
	require.ErrorContains(t, err, "stuck: ")
	require.Contains(t, d.lines, "stop store", "the others are stopped all the same")
}

// Whatever fails, exactly what was started is stopped, in reverse.
func TestStopMirrorsStart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		n := rapid.IntRange(0, 6).Draw(t, "parts")
		bad := rapid.IntRange(0, n).Draw(t, "which fails; n: none")
		var started, stopped []int
		components := make([]lifecycle.Component, n, n+1)
		for i := range components {
			components[i] = lifecycle.Component{
				Start: func(context.Context) error {
					if i == bad {
						return errBroken
					}
					started = append(started, i)
					return nil
				},
				Stop: func(context.Context) error { stopped = append([]int{i}, stopped...); return nil },
			}
		}
		components = append(components, lifecycle.Component{Start: func(context.Context) error { stop(); return nil }})
		err := lifecycle.Run(ctx, quiet(), components...)
		if bad < n {
			require.ErrorIs(t, err, errBroken)
		} else {
			require.NoError(t, err)
		}
		require.Equal(t, started, stopped)
	})
}
