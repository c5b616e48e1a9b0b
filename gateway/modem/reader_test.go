package modem_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/sms"
)

// handlerFunc is a handler of texts.
type handlerFunc func(ctx context.Context, text modem.Text) error

func (f handlerFunc) HandleText(ctx context.Context, text modem.Text) error { return f(ctx, text) }

// TestAStuckStoreKeepsTheModemGoing: while no commit comes to an end the modem is polled, sends, and says how full it is.
func TestAStuckStoreKeepsTheModemGoing(t *testing.T) {
	t.Parallel()
	stuck, release := make(chan struct{}, 100), make(chan struct{})
	r := start(t, emulator.Config{}, func(c *modem.Config) {
		c.PollInterval, c.HandleTimeout = 20*time.Millisecond, time.Hour
		in := c.Handler
		c.Handler = handlerFunc(func(ctx context.Context, text modem.Text) error {
			stuck <- struct{}{}
			select {
			case <-release:
				return in.HandleText(ctx, text)
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	becomes(t, "ready", r.state(modem.Ready))
	require.NoError(t, r.sim.Inject("+8613800138000", "first", time.Now()))
	<-stuck
	r.sim.SetFaults(func(f *emulator.Faults) { f.Signal = 7 })
	becomes(t, "polled", func() bool { return r.Status().Signal == -99 })
	parts, err := sms.Split("+8613800138009", "where?", sms.Terms{})
	require.NoError(t, err)
	_, err = r.Submit(t.Context(), parts[0])
	require.NoError(t, err)
	require.NoError(t, r.sim.Inject("+8613800138000", "second", time.Now()))
	becomes(t, "counted", func() bool { return r.count(t, "memory_used") == 2 })
	require.Equal(t, 2, r.sim.Stored("SM"))
	close(release)
	require.Equal(t, "first", r.in.next(t).Body)
	require.Equal(t, "second", r.in.next(t).Body)
	becomes(t, "empty", r.empty)
}

func TestACommitThatTakesTooLongIsTriedAgain(t *testing.T) {
	t.Parallel()
	tries := make(chan struct{}, 100)
	var once sync.Once
	r := start(t, emulator.Config{}, func(c *modem.Config) {
		c.HandleTimeout = 20 * time.Millisecond
		in := c.Handler
		c.Handler = handlerFunc(func(ctx context.Context, text modem.Text) error {
			hangs := false
			once.Do(func() { hangs = true })
			tries <- struct{}{}
			if hangs {
				<-ctx.Done()
				return ctx.Err()
			}
			return in.HandleText(ctx, text)
		})
	})
	require.NoError(t, r.sim.Inject("+8613800138000", "x", time.Now()))
	<-tries
	<-tries
	require.Equal(t, "x", r.in.next(t).Body)
}

// TestTextsOfOneSenderKeepTheirOrder: many are committed at once, but a sender's one after the other.
func TestTextsOfOneSenderKeepTheirOrder(t *testing.T) {
	t.Parallel()
	const senders, each = 3, 6
	var mu sync.Mutex
	got, now, most := map[string][]string{}, map[string]int{}, 0
	all := make(chan struct{}, senders*each)
	together := make(chan struct{})
	r := start(t, emulator.Config{}, func(c *modem.Config) {
		c.Handler = handlerFunc(func(ctx context.Context, text modem.Text) error {
			mu.Lock()
			now[text.From]++
			if now[text.From] > 1 {
				most = now[text.From]
			}
			if len(now) == senders {
				select {
				case <-together:
				default:
					close(together)
				}
			}
			mu.Unlock()
			select {
			case <-together: // All senders have one under way at once.
			case <-ctx.Done():
			}
			mu.Lock()
			defer mu.Unlock()
			now[text.From]--
			got[text.From] = append(got[text.From], text.Body)
			all <- struct{}{}
			return nil
		})
		c.SweepInterval = 20 * time.Millisecond
	})
	becomes(t, "ready", r.state(modem.Ready))
	r.sim.SetFaults(func(f *emulator.Faults) { f.Registered = false })
	for i := range senders * each {
		// In the SIM the later ones come first.
		sent := time.Unix(1_700_000_000-int64(i), 0)
		require.NoError(t, r.sim.Inject(fmt.Sprintf("+861380013800%d", i%senders), sent.UTC().Format(time.RFC3339), sent))
	}
	r.sim.SetFaults(func(f *emulator.Faults) { f.Registered = true }) // All come at once.
	for range senders * each {
		<-all
	}
	mu.Lock()
	defer mu.Unlock()
	require.Zero(t, most, "two of one sender at once")
	for _, bodies := range got {
		require.Len(t, bodies, each)
		require.True(t, slices.IsSorted(bodies), bodies)
	}
}

// TestATextThatAlwaysFailsIsKeptAsWhatItIs: it must neither stay on the SIM for ever nor hold up others.
func TestATextThatAlwaysFailsIsKeptAsWhatItIs(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, func(c *modem.Config) {
		c.RetryMin, c.RetryMax, c.SweepInterval = time.Millisecond, 2*time.Millisecond, 5*time.Millisecond
		in := c.Handler
		c.Handler = handlerFunc(func(ctx context.Context, text modem.Text) error {
			if text.Body == "poison" && text.Problem == nil {
				return errors.New("a bug")
			}
			return in.HandleText(ctx, text)
		})
	})
	becomes(t, "ready", r.state(modem.Ready))
	require.NoError(t, r.sim.Inject("+8613800138000", "poison", time.Now()))
	becomes(t, "tried", func() bool { return r.count(t, "texts_deferred_total") > 25 })
	require.NoError(t, r.sim.Inject("+8613800138001", "good", time.Now()))
	require.Equal(t, "good", r.in.next(t).Body)
	got := r.in.next(t)
	require.ErrorIs(t, got.Problem, modem.ErrFails)
	require.Equal(t, "poison", got.Body)
	becomes(t, "empty", r.empty)
}
