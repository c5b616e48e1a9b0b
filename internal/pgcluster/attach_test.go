package pgcluster_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgcluster"
)

func attach(t *testing.T, dir string) *pgcluster.Cluster {
	t.Helper()
	c, err := pgcluster.Attach(t.Context(), pgcluster.Config{DataDir: dir, Logger: quiet()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestAttachBesideAnOwner(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	_, address := startHelper(t, "own:"+dir)
	c := attach(t, dir)
	require.False(t, c.Owned())
	require.NoError(t, c.Health())
	require.Equal(t, address, c.URL())
	require.NoError(t, c.Close())
	require.Equal(t, "waybill", query(t, address, "select current_database()::text"), "it runs on")
}

func TestAttachAlone(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := attach(t, dir)
	require.True(t, first.Owned())
	second := attach(t, dir)
	require.False(t, second.Owned())

	closed := make(chan error, 1)
	go func() { closed <- first.Close() }()
	// Not under the second command's feet.
	require.Equal(t, "waybill", query(t, second.URL(), "select current_database()::text"))
	require.NoError(t, second.Close())
	require.NoError(t, <-closed)
	require.NoFileExists(t, filepath.Join(dir, "postgres", "postmaster.pid"))
}

// An owner that comes while a command has the cluster waits for it.
func TestOpenWaitsForACommand(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	command := attach(t, dir)
	opened := make(chan *pgcluster.Cluster, 1)
	go func() {
		c, err := pgcluster.Open(t.Context(), pgcluster.Config{DataDir: dir, Logger: quiet()})
		if err == nil {
			opened <- c
		}
		close(opened)
	}()
	require.NoError(t, command.Close())
	owner := <-opened
	require.NotNil(t, owner)
	require.NoError(t, owner.Health())
	require.NoError(t, owner.Close())
}

func TestTemporaryEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	process, address := startHelper(t, "temporary:")
	dir := filepath.Dir(query(t, address, "show data_directory"))
	require.DirExists(t, dir)
	require.NoError(t, process.Process.Signal(syscall.SIGKILL))
	require.Eventually(t, func() bool {
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	}, time.Minute, 50*time.Millisecond)
	_, err := tryQuery(t.Context(), address, "select 'still here'")
	require.Error(t, err)
}
