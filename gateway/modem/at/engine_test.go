package at_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/gateway/modem/at"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// modem is the far end of the wire: it answers lines by a function and can say things unasked.
type modem struct {
	net.Conn
	echo bool
}

// dial starts an engine on a pipe whose far end answers each command line with what answer returns, "" being silence.
func dial(t *testing.T, echo bool, answer func(m *modem, line string) string) *at.Engine {
	t.Helper()
	near, far := net.Pipe()
	m := &modem{Conn: far, echo: echo}
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.serve(answer)
	}()
	e := at.New(near, at.Config{})
	t.Cleanup(func() {
		require.NoError(t, e.Close())
		_ = far.Close()
		<-done
	})
	return e
}

func (m *modem) serve(answer func(m *modem, line string) string) {
	r := bufio.NewReader(m.Conn)
	for {
		line, err := r.ReadString('\r')
		if err != nil {
			return
		}
		if m.echo {
			m.say(line)
		}
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), "\x1b")
		switch line {
		case "":
		case "AT+CMEE?":
			m.say("\r\n+CMEE: 1\r\n\r\nOK\r\n")
		default:
			m.say(answer(m, line))
		}
	}
}

func (m *modem) say(s string) {
	if s != "" {
		_, _ = io.WriteString(m.Conn, s)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		cmd    at.Command
		says   string
		want   at.Answer
		is     error
		unread []at.Unsolicited
	}{
		{name: "set", cmd: at.Set("+CMGF=0"), says: "\r\nOK\r\n"},
		{name: "query", cmd: at.Query("+CSQ", "+CSQ:"), says: "\r\n+CSQ: 20,0\r\n\r\nOK\r\n", want: at.Answer{{Text: "+CSQ: 20,0"}}},
		{name: "refused", cmd: at.Set("+X"), says: "\r\nERROR\r\n", is: at.ErrRefused},
		{name: "ok without answer", cmd: at.Query("+CSQ", "+CSQ:"), says: "\r\nOK\r\n", is: at.ErrIncomplete},
		{
			name: "free answer", cmd: at.Free("+CGMI"), says: "\r\n+CMTI: \"SM\",1\r\nACME\r\nRING\r\nOK\r\n",
			want: at.Answer{{Text: "ACME"}}, unread: []at.Unsolicited{{Text: `+CMTI: "SM",1`}, {Text: "RING"}},
		},
		{
			name: "code between header and PDU", cmd: at.Command{Text: "+CMGL=4", Match: at.Prefix("+CMGL:"), PDU: true},
			says: "\r\n+CMGL: 1,1,,2\r\n+CMTI: \"ME\",7\r\n0011\r\n+CMGL: 2,1,,2\r\n2233\r\n\r\nOK\r\n",
			want: at.Answer{{Text: "+CMGL: 1,1,,2", PDU: "0011"}, {Text: "+CMGL: 2,1,,2", PDU: "2233"}}, unread: []at.Unsolicited{{Text: `+CMTI: "ME",7`}},
		},
		{
			name: "code with a PDU of its own inside an answer", cmd: at.Command{Text: "+CMGL=4", Match: at.Prefix("+CMGL:"), PDU: true},
			says: "\r\n+CMGL: 1,1,,2\r\n+CMT: ,2\r\nAABB\r\n0011\r\nOK\r\n",
			want: at.Answer{{Text: "+CMGL: 1,1,,2", PDU: "0011"}}, unread: []at.Unsolicited{{Text: "+CMT: ,2", PDU: "AABB"}},
		},
		{name: "garbage before", cmd: at.Query("+CSQ", "+CSQ:"), says: "\x00\xff\xfe\x80ab\r\n+CSQ: 1,0\r\nOK\r\n", want: at.Answer{{Text: "+CSQ: 1,0"}}},
		{name: "a call's end is no result", cmd: at.Set("+CMGF=0"), says: "\r\nNO CARRIER\r\nOK\r\n", unread: []at.Unsolicited{{Text: "NO CARRIER"}}},
		{name: "long line", cmd: at.Query("+CSQ", "+CSQ:"), says: strings.Repeat("x", 5000) + "\r\n+CSQ: 1,0\r\nOK\r\n", want: at.Answer{{Text: "+CSQ: 1,0"}}},
	} {
		for _, echo := range []bool{false, true} {
			t.Run(c.name+map[bool]string{true: " with echo", false: ""}[echo], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					e := dial(t, echo, func(*modem, string) string { return c.says })
					got, err := e.Do(t.Context(), c.cmd)
					require.ErrorIs(t, err, c.is)
					require.Equal(t, c.want, got)
					for _, u := range c.unread {
						require.Equal(t, u, <-e.Unsolicited())
					}
					require.Empty(t, e.Unsolicited())
				})
			})
		}
	}
}

func TestTypedErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		says := map[string]string{
			"AT+CPIN?": "+CME ERROR: 10\r\n", "AT+CMGR=1": "+CMS ERROR: 321\r\n", "AT+X": "+CME ERROR: SIM busy\r\n", "ATD1;": "NO CARRIER\r\n",
		}
		e := dial(t, false, func(_ *modem, line string) string { return says[line] })

		_, err := e.Do(t.Context(), at.Set("+CPIN?"))
		var cme *at.CMEError
		require.ErrorAs(t, err, &cme)
		require.Equal(t, 10, cme.Code)
		_, err = e.Do(t.Context(), at.Set("+X"))
		require.ErrorAs(t, err, &cme)
		require.Equal(t, at.CMEError{Code: -1, Text: "SIM busy"}, *cme)
		_, err = e.Do(t.Context(), at.Set("+CMGR=1"))
		var cms *at.CMSError
		require.ErrorAs(t, err, &cms)
		require.Equal(t, 321, cms.Code)
		require.True(t, at.IsRefusal(err))
		_, err = e.Do(t.Context(), at.Command{Text: "D1;", Dials: true})
		var call *at.CallError
		require.ErrorAs(t, err, &call)
	})
}

func TestPrompt(t *testing.T) {
	t.Parallel()
	for _, echo := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			go func() {
				r := bufio.NewReader(far)
				for {
					line, err := r.ReadString('\r')
					if err != nil {
						return
					}
					switch strings.TrimLeft(line, "\x1b") {
					case "AT+CMEE?\r":
						_, _ = io.WriteString(far, "+CMEE: 1\r\nOK\r\n")
					case "AT+CMGS=2\r":
						_, _ = io.WriteString(far, "\r\n+CMTI: \"SM\",1\r\n\r\n> ")
						payload, _ := r.ReadString('\x1a')
						if echo {
							_, _ = io.WriteString(far, payload)
						}
						_, _ = io.WriteString(far, "\r\n+CMGS: 7\r\n\r\nOK\r\n")
					}
				}
			}()
			e := at.New(near, at.Config{})
			cmd := at.Query("+CMGS=2", "+CMGS:")
			cmd.Payload = "001122"
			got, err := e.Do(t.Context(), cmd)
			require.NoError(t, err)
			require.Equal(t, "7", got[0].Field("+CMGS:"))
			require.NoError(t, e.Close())
			_ = far.Close()
		})
	}
}

func TestLateAnswerIsNotTheNextCommands(t *testing.T) {
	t.Parallel()
	// The first command is answered after it was given up: before, while and after the engine synchronises.
	for _, late := range []time.Duration{5*time.Second + 10*time.Millisecond, 6 * time.Second, 7 * time.Second, 9 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			e := dial(t, false, func(_ *modem, line string) string {
				if line == "AT+CSQ=1" {
					<-time.After(late) // The modem is busy that long, on the bubble's clock: it answers in order.
					return "\r\n+CSQ: 1,1\r\n\r\nOK\r\n"
				}
				return "\r\n+CSQ: 2,2\r\n\r\nOK\r\n"
			})
			_, err := e.Do(t.Context(), at.Query("+CSQ=1", "+CSQ:"))
			require.ErrorIs(t, err, at.ErrTimeout)
			got, err := e.Do(t.Context(), at.Query("+CSQ=2", "+CSQ:"))
			require.NoError(t, err)
			require.Equal(t, "+CSQ: 2,2", got.First())
		})
	}
}

func TestModemThatHangsIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		e := at.New(near, at.Config{})
		_, err := e.Do(t.Context(), at.Set(""))
		require.ErrorIs(t, err, at.ErrNoSync)
		require.True(t, at.IsLost(err))
		require.NoError(t, e.Close())
		_ = far.Close()
	})
}

func TestLongAnswerMayTakeItsTimeButNotFallSilent(t *testing.T) {
	t.Parallel()
	for hangs, want := range map[bool]error{false: nil, true: at.ErrTimeout} {
		synctest.Test(t, func(t *testing.T) {
			e := dial(t, false, func(m *modem, _ string) string {
				for range 30 {
					<-time.After(time.Second)
					m.say("+CMGL: 1,1,,2\r\n0011\r\n")
				}
				if hangs {
					return ""
				}
				return "OK\r\n"
			})
			began := time.Now()
			_, err := e.Do(t.Context(), at.Command{Text: "+CMGL=4", Match: at.Prefix("+CMGL:"), PDU: true, Timeout: time.Hour, Silence: 3 * time.Second})
			require.ErrorIs(t, err, want)
			require.Less(t, time.Since(began), time.Minute, "on the bubble's clock")
		})
	}
}

func TestUnplugEndsTheCommandInProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := dial(t, false, func(m *modem, _ string) string {
			_ = m.Close()
			return ""
		})
		_, err := e.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
		require.ErrorIs(t, err, at.ErrClosed)
		require.ErrorIs(t, err, io.EOF)
		_, open := <-e.Unsolicited()
		require.False(t, open)
	})
}

func TestPortThatTakesNothingDoesNotHoldTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe() // Nobody reads the far end, so writes never end.
		e := at.New(near, at.Config{})
		_, err := e.Do(t.Context(), at.Set(""))
		require.ErrorIs(t, err, at.ErrNoSync)
		require.NoError(t, e.Close())
		_ = far.Close()
	})
}

func TestUnreadCodesAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := dial(t, false, func(*modem, string) string { return strings.Repeat("RING\r\n", 100) + "OK\r\n" })
		_, err := e.Do(t.Context(), at.Set(""))
		require.NoError(t, err)
		_, unread := e.Noise()
		require.Equal(t, 100-64, unread)
	})
}

func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := dial(t, false, func(*modem, string) string { return "ERROR\r\n" })
		_, err := e.Do(t.Context(), at.Command{Text: `+CPIN="4711"`, Secret: "4711"})
		require.ErrorIs(t, err, at.ErrRefused)
		require.NotContains(t, err.Error(), "4711")
		var failed *at.CommandError
		require.ErrorAs(t, err, &failed)
	})
}
