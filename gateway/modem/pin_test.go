package modem_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
)

func triesLeft(n string) map[string]string {
	return map[string]string{"+CPINR": "\r\n+CPINR: SIM PIN," + n + ",3\r\n+CPINR: SIM PUK,10,10\r\n\r\nOK\r\n"}
}

func TestLastTryIsNotUsed(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) { _, c.Open = filtered(c.Open, triesLeft("1")) })
	becomes(t, "left alone", r.state(modem.PINRefused))
	require.Contains(t, r.Status().LastError, "1 tries left")
	require.Equal(t, 3, r.sim.PINTries(), "though it would have been right")
}

func TestVendorsSayHowManyTriesAreLeft(t *testing.T) {
	t.Parallel()
	for command, answer := range map[string]string{
		`+QPINC="SC"`: `+QPINC: "SC",1,10`, "+SPIC": "+SPIC: 1,10,3,10", "^CPIN?": "^CPIN: SIM PIN,1,10,1,10,3", "^SPIC": "^SPIC: 1",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) {
				_, c.Open = filtered(c.Open, map[string]string{command: "\r\n" + answer + "\r\n\r\nOK\r\n"})
			})
			becomes(t, "left alone", r.state(modem.PINRefused))
			require.Equal(t, 3, r.sim.PINTries())
		})
	}
}

// A SIM is known by its own number: the PIN that it refused in one modem is not tried in another.
func TestWrongPINIsNotSentToTheSameSIMInAnotherModem(t *testing.T) {
	t.Parallel()
	ledger := modem.PINFiles{Folder: filepath.Join(t.TempDir(), "pins")}
	card := map[string]string{"+CCID": "\r\n89860012345678901234\r\n\r\nOK\r\n"}
	for i, imei := range []string{"352848025020328", "352848025020336"} {
		r := start(t, emulator.Config{PIN: "4711", IMEI: imei}, func(c *modem.Config) {
			c.PIN, c.PINs = "0000", ledger
			_, c.Open = filtered(c.Open, card)
		})
		becomes(t, "blocked", r.state(modem.PINRefused))
		require.Equal(t, 2+i, r.sim.PINTries(), "these are two emulated SIMs, of one number")
	}
}

// killer is a ledger that has the process killed when the PIN is noted and not sent yet.
type killer struct{ modem.PINFiles }

func (k killer) Begin(ctx context.Context, attempt string, left int) error {
	if err := k.PINFiles.Begin(ctx, attempt, left); err != nil {
		return err
	}
	return syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

const killedFolder, killedPort = "WAYBILL_TEST_PINS", "WAYBILL_TEST_PORT"

// TestBeKilled is not a test but the process that TestKilledBetweenNoteAndPIN kills.
func TestBeKilled(t *testing.T) {
	folder := os.Getenv(killedFolder)
	if folder == "" {
		t.Skip("it is run by TestKilledBetweenNoteAndPIN")
	}
	t.Parallel()
	cfg := brisk(t)
	cfg.Name, cfg.Handler, cfg.PIN = "one", newInbox(), "0000"
	cfg.PINs = killer{modem.PINFiles{Folder: folder}}
	cfg.Open = modem.Serial(os.Getenv(killedPort), 0)
	m, err := modem.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Run(t.Context()))
}

func TestKilledBetweenNoteAndPIN(t *testing.T) {
	t.Parallel()
	ledger := modem.PINFiles{Folder: filepath.Join(t.TempDir(), "pins")}
	sim := emulator.New(emulator.Config{PIN: "4711"})
	path, err := sim.Start()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBeKilled$") //nolint:gosec // This very program.
	child.Env = append(os.Environ(), killedFolder+"="+ledger.Folder, killedPort+"="+path)
	out, err := child.CombinedOutput()
	require.ErrorContains(t, err, "killed", string(out))
	require.NoError(t, sim.Close())
	notes, err := os.ReadDir(ledger.Folder)
	require.NoError(t, err)
	require.Len(t, notes, 1)

	// Nobody knows whether it was sent: it is not sent again.
	r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) { c.PIN, c.PINs = "0000", ledger })
	becomes(t, "blocked", r.state(modem.PINRefused))
	require.Equal(t, 3, r.sim.PINTries())
}

// Where the SIM says how many tries it has left, a kill costs nothing: as many as before the note were left, so that it
// was never sent.
func TestKilledBetweenNoteAndPINWhereTheSIMTellsItsTries(t *testing.T) {
	t.Parallel()
	for left, want := range map[string]modem.State{"3": modem.Ready, "2": modem.PINRefused} {
		ledger := modem.PINFiles{Folder: filepath.Join(t.TempDir(), "pins")}
		stopped := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) {
			c.PINs = refuser{ledger}
			_, c.Open = filtered(c.Open, triesLeft("3"))
		})
		becomes(t, "noted", func() bool {
			notes, err := os.ReadDir(ledger.Folder)
			return err == nil && len(notes) == 1
		})
		require.Equal(t, 3, stopped.sim.PINTries())
		r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) {
			c.PINs = ledger
			_, c.Open = filtered(c.Open, triesLeft(left))
		})
		becomes(t, string(want), r.state(want))
	}
}

// refuser notes and then fails, as a process does that is killed there.
type refuser struct{ modem.PINFiles }

func (f refuser) Begin(ctx context.Context, attempt string, left int) error {
	if err := f.PINFiles.Begin(ctx, attempt, left); err != nil {
		return err
	}
	return context.Canceled
}
