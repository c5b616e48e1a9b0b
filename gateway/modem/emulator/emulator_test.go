package emulator_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// engine speaks with the modem as Waybill does.
func engine(t *testing.T, path string) *at.Engine {
	t.Helper()
	port, err := serial.Open(path, 0)
	require.NoError(t, err)
	e := at.New(port, at.Config{Settle: 10 * time.Millisecond})
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func TestAnswersAsTheStandardSays(t *testing.T) {
	t.Parallel()
	_, path := plugged(t, emulator.Config{Memories: []emulator.Memory{{Name: "SM", Capacity: 3, First: 0}, {Name: "ME", Capacity: 2, First: 1}}})
	e := engine(t, path)
	for _, c := range []struct{ command, answer, failure string }{
		{"+CMEE=1;+CMEE?", "+CMEE: 1", ""},
		{"E0V1", "", ""},
		{"+NOSUCH", "", "ERROR"},
		{"+CMEE=1;+NOSUCH;+CMEE=0", "", "ERROR"},
		{"+CMEE?", "+CMEE: 1", ""},
		{"+CPMS=?", `+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")`, ""},
		{"+CPMS?", `+CPMS: "SM",0,3,"SM",0,3,"SM",0,3`, ""},
		{`+CPMS="ME"`, "+CPMS: 0,2,0,3,0,3", ""},
		{`+CPMS="XX"`, "", "+CMS ERROR: 302"},
		{"+CMGR=1", "", "+CMS ERROR: 321"},
		{"+CMGR=0", "", "+CMS ERROR: 321"},
		{"+CMGD=9", "", "+CMS ERROR: 321"},
		{"+CMGD=?", "+CMGD: (1-2),(0-4)", ""},
		{"+CMGF=2", "", "+CMS ERROR: 303"},
		{"+CMGF=?", "+CMGF: (0,1)", ""},
		{"+CMEE=2;+CMGR=1", "", "+CMS ERROR: Invalid memory index"},
		{"+CMEE=0;+CPIN=\"1\"", "", "ERROR"},
		{"+CMEE=1;+CREG=2;+CREG?", `+CREG: 2,1,"1A2B","0001C3D4"`, ""},
		{"+CMGL=4", "", ""},
		{"+CNMI=?", "", ""},
		{"+CNMI=2,2,0,0,0", "", "+CMS ERROR: 303"},
		{"+CNMI=2,1,0,0,0;+CNMI?", "+CNMI: 2,1,0,0,0", ""},
		{"+CREG=2;+CREG?", `+CREG: 2,1,"1A2B","0001C3D4"`, ""},
		{"+COPS?", `+COPS: 0,0,"Waybill Mobile"`, ""},
		{"+CPIN?", "+CPIN: READY", ""},
	} {
		if c.failure != "" {
			_, err := e.Do(t.Context(), at.Set(c.command))
			require.ErrorContains(t, err, c.failure, c.command)
			continue
		}
		got, err := e.Do(t.Context(), at.List(c.command, "+"))
		require.NoError(t, err, c.command)
		if c.answer != "" {
			require.Equal(t, c.answer, got.First(), c.command)
		}
	}
}

func TestIndicatesOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	client := engine(t, path)
	_, err := client.Do(t.Context(), at.Set(""))
	require.NoError(t, err)
	require.NoError(t, e.Inject("+8613800138000", "unheard", time.Now()))
	_, err = client.Do(t.Context(), at.Set("+CNMI=2,1"))
	require.NoError(t, err)
	require.NoError(t, e.Deliver(emulator.Message{From: "+8613800138000", Text: "heard", Time: time.Now(), Memory: "ME"}))
	require.Equal(t, at.Unsolicited{Text: `+CMTI: "ME",1`}, <-client.Unsolicited())
	require.Empty(t, client.Unsolicited())
}

func TestFullMemoryKeepsTheRestInTheNetwork(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{Memories: []emulator.Memory{{Name: "SM", Capacity: 2, First: 1}}})
	for range 5 {
		require.NoError(t, e.Inject("+8613800138000", "x", time.Now()))
	}
	require.Equal(t, 2, e.Stored("SM"))
	require.Equal(t, 3, e.Waiting())
	client := engine(t, path)
	_, err := client.Do(t.Context(), at.Set("+CMGD=1"))
	require.NoError(t, err)
	_, err = client.Do(t.Context(), at.Set("")) // What waits comes after the command that made room.
	require.NoError(t, err)
	require.Equal(t, 2, e.Stored("SM"))
	require.Equal(t, 2, e.Waiting())
}

func TestPromptIsLeftByEscape(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 1)
	_, path := plugged(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }})
	port, err := serial.Open(path, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, port.Close()) }()
	for _, step := range []struct{ say, hear string }{
		{"ATE0\r", "OK"}, {"AT+CMGS=20\r", "> "}, {"0011\x1b", "OK"}, {"AT+CMGS=3\r", "> "}, {"0011\x1a", "+CMS ERROR: 304"},
	} {
		_, err := port.Write([]byte(step.say))
		require.NoError(t, err)
		var heard strings.Builder
		buf := make([]byte, 64)
		for !strings.Contains(heard.String(), step.hear) {
			n, err := port.Read(buf)
			require.NoError(t, err)
			heard.Write(buf[:n])
		}
	}
	require.Empty(t, sent)
}

func TestStartsAnewOnTheSameLink(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	require.NoError(t, e.Inject("+8613800138000", "kept", time.Now()))
	require.NoError(t, e.Close())
	require.NoFileExists(t, path)
	again, err := e.Start()
	require.NoError(t, err)
	require.Equal(t, path, again)
	require.Equal(t, 1, e.Stored("SM"))
	_, err = e.Start()
	require.Error(t, err)
}

// Root may open a line that another has for itself, so what counts is the mark.
func TestExclusiveUseEndsWithTheClient(t *testing.T) {
	t.Parallel()
	_, path := plugged(t, emulator.Config{})
	client, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetInt(int(client.Fd()), unix.TIOCEXCL, 0))
	_, err = client.WriteString("AT\r")
	require.NoError(t, err)
	lines := bufio.NewScanner(client)
	for lines.Scan() && lines.Text() != "OK" {
		require.NotContains(t, lines.Text(), "ERROR")
	}
	require.NoError(t, lines.Err())
	require.NoError(t, client.Close())

	next, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	exclusive, err := unix.IoctlGetInt(int(next.Fd()), unix.TIOCGEXCL)
	require.NoError(t, err)
	require.Zero(t, exclusive)
	require.NoError(t, next.Close())
}
