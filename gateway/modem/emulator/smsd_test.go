package emulator_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/emulator"
)

// daemon runs a program until the test ends, and then ends it gently.
func daemon(t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...) //nolint:gosec // The program under test.
	log, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = 10 * time.Second
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = cmd.Wait()
		}()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("%s said:\n%s", program, text)
		}
		_ = log.Close()
	})
}

func folders(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, n := range names {
		require.NoError(t, os.MkdirAll(filepath.Join(root, n), 0o700))
	}
	return root
}

// files gives the contents of a folder's files.
func files(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		require.NoError(t, err)
		all = append(all, string(text))
	}
	return all
}

const patience = 60 * time.Second

func TestSmstoolsReadsDeletesAndSends(t *testing.T) {
	t.Parallel()
	program := tool(t, "smsd", "smstools")
	sent := make(chan emulator.Submission, 8)
	e, path := plugged(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }})
	require.NoError(t, e.Inject("+8613800138000", "lat:52.397735 long:9.673347", time.Now()))

	root := folders(t, "incoming", "outgoing", "checked", "failed", "sent", "stats")
	conf := filepath.Join(root, "smsd.conf")
	text := "devices = GSM1\nincoming = " + root + "/incoming\noutgoing = " + root + "/outgoing\nchecked = " + root + "/checked\nfailed = " + root +
		"/failed\nsent = " + root + "/sent\nstats = " + root + "/stats\nlogfile = " + root + "/log\ninfofile = " + root + "/info\npidfile = " + root +
		"/pid\nloglevel = 7\ndelaytime = 1\nerrorsleeptime = 1\n[GSM1]\ndevice = " + path + "\nincoming = yes\nbaudrate = 115200\nrtscts = no\n"
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "outgoing", "one"), []byte("To: 8613800138009\n\nwhere?"), 0o600))
	daemon(t, program, "-c"+conf, "-t")

	select {
	case s := <-sent:
		require.Equal(t, "+8613800138009", s.To)
		require.Equal(t, "where?", s.Text)
	case <-time.After(patience):
		log, _ := os.ReadFile(filepath.Join(root, "log"))
		t.Fatalf("nothing was sent; its log:\n%s", log)
	}
	require.Eventually(t, func() bool { return e.Stored("SM") == 0 }, patience, 100*time.Millisecond, "smsd signals nothing when it has deleted")
	incoming := files(t, filepath.Join(root, "incoming"))
	require.Len(t, incoming, 1)
	require.Contains(t, incoming[0], "lat:52.397735 long:9.673347")
	require.Contains(t, incoming[0], "From: 8613800138000")
}

func TestGammuDaemonReadsDeletesAndSends(t *testing.T) {
	t.Parallel()
	program := tool(t, "gammu-smsd", "gammu-smsd")
	sent := make(chan emulator.Submission, 8)
	e, path := plugged(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }})
	require.NoError(t, e.Inject("+8613800138000", "lat:52.397735 long:9.673347", time.Now()))

	root := folders(t, "inbox", "outbox", "sent", "error")
	conf := filepath.Join(root, "smsdrc")
	text := "[gammu]\ndevice = " + path + "\nconnection = at115200\nsynchronizetime = no\n[smsd]\nservice = files\nlogfile = " + root + "/log\ndebuglevel = 255\ncheckbattery = 0\n" +
		"inboxpath = " + root + "/inbox/\noutboxpath = " + root + "/outbox/\nsentsmspath = " + root + "/sent/\nerrorsmspath = " + root + "/error/\n"
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "outbox", "OUT+8613800138009.txt"), []byte("where?"), 0o600))
	daemon(t, program, "-c", conf)

	select {
	case s := <-sent:
		require.Equal(t, "+8613800138009", s.To)
		require.Equal(t, "where?", s.Text)
	case <-time.After(patience):
		log, _ := os.ReadFile(filepath.Join(root, "log"))
		t.Fatalf("nothing was sent; its log:\n%s", log)
	}
	require.Eventually(t, func() bool { return e.Stored("SM") == 0 }, patience, 100*time.Millisecond, "gammu-smsd signals nothing when it has deleted")
	inbox := files(t, filepath.Join(root, "inbox"))
	require.Len(t, inbox, 1)
	require.Contains(t, inbox[0], "lat:52.397735 long:9.673347")
}
