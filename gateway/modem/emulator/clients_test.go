package emulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/profile"
)

// sentOne waits for what was sent.
func sentOne(t *testing.T, sent <-chan emulator.Submission, log string) emulator.Submission {
	t.Helper()
	select {
	case s := <-sent:
		return s
	case <-time.After(patience):
		text, _ := os.ReadFile(log)
		require.FailNow(t, "nothing was sent; its log:\n"+string(text))
		return emulator.Submission{}
	}
}

func TestGammuUnderstandsEveryProfile(t *testing.T) {
	t.Parallel()
	for _, made := range profile.All() {
		t.Run(made.Name, func(t *testing.T) {
			t.Parallel()
			sent := make(chan emulator.Submission, 8)
			e, path := plugged(t, emulator.Config{Profile: made, Sent: func(s emulator.Submission) { sent <- s }})
			require.NoError(t, e.Deliver(emulator.Message{From: "+8613800138000", Text: "on the SIM {T:}", Time: time.Now(), Memory: "SM"}))
			require.NoError(t, e.Deliver(emulator.Message{From: "+8613800138001", Text: "货在哪里", Time: time.Now()}))
			batch := filepath.Join(t.TempDir(), "batch")
			require.NoError(t, os.WriteFile(batch, []byte("identify\ngetallsms\nsendsms TEXT +8613800138009 -text where?\n"), 0o600))
			said := gammu(t, path)("batch", batch)
			for _, want := range []string{"352099001761481", "on the SIM {T:}", "货在哪里"} {
				require.Contains(t, said, want)
			}
			s := sentOne(t, sent, "")
			require.Equal(t, "where?", s.Text)
			require.Equal(t, "+8613800138009", s.To)
		})
	}
}

func TestGammuEntersThePIN(t *testing.T) {
	t.Parallel()
	_, path := plugged(t, emulator.Config{PIN: "4711"})
	run := gammu(t, path)
	require.Contains(t, run("getsecuritystatus"), "PIN")
	run("entersecuritycode", "PIN", "4711")
	require.Contains(t, run("getsecuritystatus"), "Nothing to enter")
}

func TestGammuHearsThatItsTextArrived(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 8)
	_, path := plugged(t, emulator.Config{Profile: profile.SIMCom(), Sent: func(s emulator.Submission) { sent <- s }})
	long := strings.Repeat("where are you? ", 20)
	gammu(t, path)("sendsms", "TEXT", "+8613800138009", "-report", "-len", "400", "-text", long)
	first, second := sentOne(t, sent, ""), sentOne(t, sent, "")
	require.Equal(t, long, first.Text+second.Text)
	require.True(t, first.Report)
	require.Equal(t, first.Reference+1, second.Reference)
}

func TestGammuDaemonWithAPINSeesReportsAndErrors(t *testing.T) {
	t.Parallel()
	program := tool(t, "gammu-smsd", "gammu-smsd")
	sent := make(chan emulator.Submission, 8)
	e, path := plugged(t, emulator.Config{PIN: "4711", Profile: profile.Quectel(), Sent: func(s emulator.Submission) { sent <- s }})
	require.NoError(t, e.Break(fault.Fault{Kind: fault.SendError, Code: 42, Next: 1}))
	root := folders(t, "inbox", "outbox", "sent", "error")
	conf, log := filepath.Join(root, "smsdrc"), filepath.Join(root, "log")
	text := "[gammu]\ndevice = " + path + "\nconnection = at115200\nsynchronizetime = no\n[smsd]\nservice = files\nlogfile = " + log +
		"\ndebuglevel = 255\ncheckbattery = 0\npin = 4711\ndeliveryreport = log\nretrytimeout = 1\nmaxretries = 5\n" +
		"inboxpath = " + root + "/inbox/\noutboxpath = " + root + "/outbox/\nsentsmspath = " + root + "/sent/\nerrorsmspath = " + root + "/error/\n"
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "outbox", "OUT+8613800138009.txtd"), []byte("where?"), 0o600))
	daemon(t, program, "-c", conf)
	s := sentOne(t, sent, log)
	require.Equal(t, "where?", s.Text)
	require.True(t, s.Report)
	require.Eventually(t, func() bool {
		said, _ := os.ReadFile(log)
		return strings.Contains(string(said), "Delivery report")
	}, patience, 100*time.Millisecond, "it signals nothing when the report has come")
}

func TestSmstoolsWithAPINReadsStoredReports(t *testing.T) {
	t.Parallel()
	program := tool(t, "smsd", "smstools")
	sent := make(chan emulator.Submission, 8)
	e, path := plugged(t, emulator.Config{PIN: "4711", Sent: func(s emulator.Submission) { sent <- s }})
	require.NoError(t, e.Inject("+8613800138000", strings.Repeat("a long text of a unit ", 12), time.Now()))
	root := folders(t, "incoming", "outgoing", "checked", "failed", "sent", "report", "stats")
	conf, log := filepath.Join(root, "smsd.conf"), filepath.Join(root, "log")
	text := "devices = GSM1\nincoming = " + root + "/incoming\noutgoing = " + root + "/outgoing\nchecked = " + root + "/checked\nfailed = " + root +
		"/failed\nsent = " + root + "/sent\nreport = " + root + "/report\nstats = " + root + "/stats\nlogfile = " + log + "\ninfofile = " + root + "/info\npidfile = " + root +
		"/pid\nloglevel = 7\ndelaytime = 1\nerrorsleeptime = 1\n[GSM1]\ndevice = " + path + "\nincoming = yes\nbaudrate = 115200\nrtscts = no\npin = 4711\nreport = yes\ninit = AT+CNMI=2,1,0,2,0\n"
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "outgoing", "one"), []byte("To: 8613800138009\nReport: yes\n\nwhere?"), 0o600))
	daemon(t, program, "-c"+conf, "-t")
	require.True(t, sentOne(t, sent, log).Report)
	require.Eventually(t, func() bool { return len(files(t, filepath.Join(root, "report"))) == 1 && e.Stored("SM") == 0 },
		patience, 100*time.Millisecond, "it signals nothing when it has read the report")
	require.Contains(t, files(t, filepath.Join(root, "report"))[0], "SMS STATUS REPORT")
	require.Contains(t, strings.Join(files(t, filepath.Join(root, "incoming")), "\n"), strings.Repeat("a long text of a unit ", 12))
}

func TestSmstoolsReadsASiemensModem(t *testing.T) {
	t.Parallel()
	program := tool(t, "smsd", "smstools")
	e, path := plugged(t, emulator.Config{Profile: profile.Cinterion()})
	require.NoError(t, e.Inject("+8613800138000", "lat:52.397735", time.Now()))
	root := folders(t, "incoming", "outgoing", "checked", "failed", "sent", "stats")
	conf := filepath.Join(root, "smsd.conf")
	text := "devices = GSM1\nincoming = " + root + "/incoming\noutgoing = " + root + "/outgoing\nchecked = " + root + "/checked\nfailed = " + root +
		"/failed\nsent = " + root + "/sent\nstats = " + root + "/stats\nlogfile = " + root + "/log\ninfofile = " + root + "/info\npidfile = " + root +
		"/pid\nloglevel = 7\ndelaytime = 1\nerrorsleeptime = 1\n[GSM1]\ndevice = " + path + "\nincoming = yes\nbaudrate = 115200\nrtscts = no\n"
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	daemon(t, program, "-c"+conf, "-t")
	require.Eventually(t, func() bool { return e.Stored("ME") == 0 && len(files(t, filepath.Join(root, "incoming"))) == 1 },
		patience, 100*time.Millisecond, "smsd signals nothing when it has deleted")
	require.Contains(t, files(t, filepath.Join(root, "incoming"))[0], "lat:52.397735")
}
