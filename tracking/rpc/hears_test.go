package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// A tracking process hears as long as a gateway of another process has a stream open.
func TestATrackingProcessHearsByItsGateways(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	require.False(t, b.server.fixes.Hears())
	_, err := b.client.Deliver(t.Context(), []tracking.Report{speeding(time.Now())})
	require.NoError(t, err)
	require.True(t, b.server.fixes.Hears())
	b.client.Close()
	require.Eventually(t, func() bool { return !b.server.fixes.Hears() }, 10*time.Second, 10*time.Millisecond)
}
