package e2e_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFaultsOfEmulatedModems has things go wrong with modems of another process, as a person would.
func TestFaultsOfEmulatedModems(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "modem")
	emulated := launch(t, "modem", "emulate", "--path", path, "--count", "2", "--profile", "cinterion")
	t.Cleanup(func() { require.NoError(t, emulated.stop()) })
	run := func(args ...string) string {
		t.Helper()
		out, err := output(exec.CommandContext(t.Context(), program, append([]string{"modem"}, args...)...))
		require.NoError(t, err)
		return out
	}
	run("text", path+"-1", "--from", "+8613800138000", "on one of them")
	run("fault", path+"-1", "send-error,code=42,rate=0.5", "unplug")
	var state struct {
		Plugged  bool
		Faults   []string
		Memories []struct {
			Name string
			Used int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(run("contents", path+"-1", "--json")), &state))
	require.False(t, state.Plugged)
	require.Equal(t, []string{"send-error,rate=0.5,code=42"}, state.Faults)
	require.Equal(t, "ME", state.Memories[0].Name)
	require.Equal(t, 1, state.Memories[0].Used)
	require.NoFileExists(t, path+"-1")
	run("fault", path+"-1", "heal")
	require.FileExists(t, path+"-1")
	require.Contains(t, run("contents", path+"-0"), "ME: 0 of 25")
}
