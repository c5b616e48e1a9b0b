package e2e_test

import (
	"net"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Servers of a test listen on ports below those that the system gives to whoever asks
// for any (32768 and up on Linux): a port of those that we let go would soon be another
// test's, or one end of a connection, before our server, or the one that is started
// again after a crash, takes it.
const (
	firstPort = 18_000
	lastPort  = 31_999
)

// ports are those that this process has handed out; none is handed out twice. They are the machine's, whichever test asks.
var ports struct {
	sync.Mutex

	handedOut int
}

// freeAddress is an address of the loopback that nobody listens on just now, and that
// no other test of this process is given.
func freeAddress(t *testing.T) string {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for ports.handedOut <= lastPort-firstPort {
		// Processes begin apart, or two that run at once would try the same ones in step.
		port := firstPort + (61*os.Getpid()+ports.handedOut)%(lastPort-firstPort+1)
		ports.handedOut++
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address); err == nil {
			require.NoError(t, l.Close())
			return address
		}
	}
	require.FailNow(t, "no free port", "all of %d to %d are taken", firstPort, lastPort)
	return ""
}
