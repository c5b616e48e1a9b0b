package notice_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/crm/notice"
	"waybill/internal/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A listener whose connection is cut comes back, and says so.
func TestListenerComesBack(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	connected, heard := make(chan struct{}, 10), make(chan string, 10)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		notice.Listener{
			Pool: pool, Channel: "Some channel", Logger: slog.New(slog.DiscardHandler),
			Connected: func() { connected <- struct{}{} }, Heard: func(payload string) { heard <- payload },
		}.Run(ctx)
	})
	defer running.Wait()
	defer cancel()
	for _, payload := range []string{"one", "two"} {
		<-connected
		_, err := pool.Exec(t.Context(), "select pg_notify('Some channel', $1)", payload)
		require.NoError(t, err)
		require.Equal(t, payload, <-heard)
		_, err = pool.Exec(t.Context(), `
			select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`)
		require.NoError(t, err)
	}
	<-connected
}
