package pgcluster_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgcluster"
)

// refused gives the error of an Open that has to fail with kind.
func refused(t *testing.T, dir string, kind error) *pgcluster.SetupError {
	t.Helper()
	_, err := pgcluster.Open(t.Context(), pgcluster.Config{DataDir: dir, Logger: quiet()})
	require.ErrorIs(t, err, kind)
	var setup *pgcluster.SetupError
	require.ErrorAs(t, err, &setup)
	require.NotEmpty(t, setup.Reason)
	require.NotEmpty(t, setup.Remedy)
	return setup
}

func TestAnotherMajorVersion(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	require.NoError(t, open(t, dir).Close())
	version := filepath.Join(dir, "postgres", "PG_VERSION")
	require.NoError(t, os.WriteFile(version, []byte("99\n"), 0o600))
	require.Contains(t, refused(t, dir, pgcluster.ErrVersionMismatch).Reason, "PostgreSQL 99")
}

func TestForeignDirectories(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"a server's own":  "PG_VERSION",
		"another's in it": "postgres/PG_VERSION",
		"something else":  "postgres/notes.txt",
		"a file, no dir":  "postgres",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dataDir(t), file)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte("15\n"), 0o600))
			root := filepath.Dir(path)
			if filepath.Base(root) == "postgres" {
				root = filepath.Dir(root)
			}
			_ = refused(t, root, pgcluster.ErrForeignDirectory)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, "15\n", string(text), "nothing was touched")
		})
	}
}

func TestDataDirIsAFile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	_ = refused(t, dir, pgcluster.ErrForeignDirectory)
}

func TestRootDropsToAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := dataDir(t)
	open(t, dir)
	info, err := os.Stat("/proc/" + strconv.Itoa(postmasterPID(t, dir)))
	require.NoError(t, err)
	st, ok := info.Sys().(*syscall.Stat_t)
	require.True(t, ok)
	require.NotZero(t, st.Uid)
}

func TestRootCannotReach(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	// The parent of t.TempDir is for its owner alone.
	dir := t.TempDir()
	setup := refused(t, dir, pgcluster.ErrUnreachable)
	require.Contains(t, setup.Reason, filepath.Dir(dir))
}

func TestNoPermission(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500)) //nolint:gosec // a directory needs its x
	_ = refused(t, filepath.Join(dir, "data"), pgcluster.ErrPermission)
}

// On a disk that is too small for a cluster the error says so, nothing half-made
// stays, and with space it works.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	require.NoError(t, os.Mkdir(dir, 0o711)) //nolint:gosec // for the user PostgreSQL runs as
	mountTmpfs(t, dir, "20m")
	_ = refused(t, dir, pgcluster.ErrDiskFull)
	require.NoDirExists(t, filepath.Join(dir, "postgres"))
	left, err := filepath.Glob(filepath.Join(dir, "postgres.init*"))
	require.NoError(t, err)
	require.Empty(t, left)
	remountTmpfs(t, dir, "300m")
	c := open(t, dir)
	require.NoError(t, c.Close())

	// A disk that filled up meanwhile.
	fill(t, filepath.Join(dir, "ballast"))
	_ = refused(t, dir, pgcluster.ErrDiskFull)
	require.NoError(t, os.Remove(filepath.Join(dir, "ballast")))
	require.NoError(t, open(t, dir).Close())
}

// fill writes a file until the disk has no room.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	block := make([]byte, 4<<10)
	for err == nil {
		_, err = file.Write(block)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	_ = file.Close()
}
