package at_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
)

// Whatever stands around the answer, the answer is what remains.
func TestAnswerWithoutAMarkTakesNothingElse(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"echo of another command":      "AT+CSQ\r\r\nACME\r\nOK\r\n",
		"echo cut by a code":           "AT+CG\r\n+CMTI: \"SM\",1\r\nMI\r\r\nACME\r\nOK\r\n",
		"echo that lost its beginning": "+CGMI\r\r\nACME\r\nOK\r\n",
		"code that nobody knows":       "\r\n+ZZYZX: 1,2\r\n$QCX: 7\r\nACME\r\nOK\r\n",
		"late line of another answer":  "\r\n+CSQ: 20,0\r\nACME\r\nOK\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := dial(t, false, func(*modem, string) string { return says })
				got, err := e.Do(t.Context(), at.Free("+CGMI"))
				require.NoError(t, err)
				require.Equal(t, at.Answer{{Text: "ACME"}}, got)
			})
		})
	}
}

func TestMarkedNameIsAnAnswerToItsOwnCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := dial(t, true, func(*modem, string) string { return "\r\n+CGMI: ACME\r\nOK\r\n" })
		got, err := e.Do(t.Context(), at.Free("+CGMI"))
		require.NoError(t, err)
		require.Equal(t, "+CGMI: ACME", got.First())
	})
}

func TestDigits(t *testing.T) {
	t.Parallel()
	imei := at.Digits(14, 17)
	require.True(t, imei("352848025020328"))
	for _, not := range []string{"", "1", "3528480250203281111", "35284802502032A", "+CGSN: 352848025020328"} {
		require.False(t, imei(not), not)
	}
}

// The modem turns its echo on and off as it likes, in the middle of everything.
func TestEchoThatComesAndGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		e := dial(t, false, func(m *modem, line string) string {
			n++
			if n%3 == 0 {
				m.echo = !m.echo
			}
			if n%4 == 0 {
				m.say(line + "\r") // An echo that is already on its way.
			}
			return fmt.Sprintf("\r\n+CSQ: %s,0\r\n\r\nOK\r\n", strings.TrimPrefix(line, "AT+CSQ="))
		})
		for i := range 50 {
			got, err := e.Do(t.Context(), at.Query(fmt.Sprintf("+CSQ=%d", i), "+CSQ:"))
			require.NoError(t, err)
			require.Equal(t, at.Answer{{Text: fmt.Sprintf("+CSQ: %d,0", i)}}, got)
		}
	})
}

// submitting is a modem that is asked to send, and says what it is told to.
func submitting(t *testing.T, atCommand, atPayload string) (e *at.Engine, typed func() []string) {
	t.Helper()
	near, far := net.Pipe()
	got := make(chan string, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := bufio.NewReader(far)
		for {
			b, err := r.ReadByte()
			if err != nil {
				return
			}
			_ = r.UnreadByte()
			end := byte('\r')
			if b == '0' {
				end = 0x1a
			}
			line, err := r.ReadString(end)
			if err != nil {
				return
			}
			switch line = strings.Trim(line, "\x1b\r"); {
			case line == "AT+CMEE?":
				_, _ = io.WriteString(far, "+CMEE: 1\r\nOK\r\n")
			case strings.HasPrefix(line, "AT+CMGS"):
				_, _ = io.WriteString(far, atCommand)
				got <- line
			case end == 0x1a:
				got <- line
				_, _ = io.WriteString(far, atPayload)
			}
		}
	}()
	e = at.New(near, at.Config{})
	t.Cleanup(func() {
		require.NoError(t, e.Close())
		_ = far.Close()
		<-done
	})
	return e, func() []string {
		var all []string
		for len(got) > 0 {
			all = append(all, <-got)
		}
		return all
	}
}

func submit(t *testing.T, e *at.Engine) error {
	t.Helper()
	cmd := at.Query("+CMGS=2", "+CMGS:")
	cmd.Payload, cmd.Timeout = "001122", 2*time.Minute
	_, err := e.Do(t.Context(), cmd)
	return err
}

func TestPayloadIsNotGivenToAModemThatRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, typed := submitting(t, "\r\n+CMS ERROR: 310\r\n", "")
		err := submit(t, e)
		var cms *at.CMSError
		require.ErrorAs(t, err, &cms)
		require.True(t, at.IsUnsent(err))
		synctest.Wait()
		require.Equal(t, []string{"AT+CMGS=2"}, typed())
	})
}

func TestModemThatDoesNotAskForThePayloadHasNotGotIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, typed := submitting(t, "\r\n+CMTI: \"SM\",1\r\n", "")
		began := time.Now()
		err := submit(t, e)
		require.ErrorIs(t, err, at.ErrNoPrompt)
		require.True(t, at.IsUnsent(err))
		require.Less(t, time.Since(began), time.Minute, "on the bubble's clock")
		require.Equal(t, []string{"AT+CMGS=2"}, typed())
		require.Error(t, submit(t, e), "and asking again is no harm")
	})
}

func TestPayloadWithoutAResultMayBeSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, typed := submitting(t, "\r\n> ", "\r\nRING\r\n")
		err := submit(t, e)
		require.ErrorIs(t, err, at.ErrTimeout)
		require.False(t, at.IsUnsent(err))
		require.Equal(t, []string{"AT+CMGS=2", "001122\x1a"}, typed())
	})
}

func TestRefusalAfterThePayloadIsDefinite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, _ := submitting(t, "\r\n> ", "\r\n+CMS ERROR: 38\r\n")
		require.True(t, at.IsUnsent(submit(t, e)))
	})
}

// A modem that starts anew says all sorts of things, and then needs time; nothing of it is taken for an answer.
func TestCommandThatRestartsTheModem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := bufio.NewReader(far)
			for {
				line, err := r.ReadString('\r')
				if err != nil {
					return
				}
				switch strings.Trim(line, "\x1b\r") {
				case "AT+CFUN=1,1":
					_, _ = io.WriteString(far, "\r\nOK\r\n")
					<-time.After(200 * time.Millisecond)
					_, _ = io.WriteString(far, "\x00\x00\xfe\r\nOK\r\nRDY\r\n")
				case "AT+CMEE?":
					_, _ = io.WriteString(far, "\r\n+CMEE: 0\r\n\r\nOK\r\n")
				case "AT+CSQ":
					_, _ = io.WriteString(far, "\r\n+CSQ: 9,9\r\n\r\nOK\r\n")
				}
			}
		}()
		e := at.New(near, at.Config{})
		_, err := e.Do(t.Context(), at.Command{Text: "+CFUN=1,1", Resets: true})
		require.NoError(t, err)
		got, err := e.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
		require.NoError(t, err)
		require.Equal(t, "+CSQ: 9,9", got.First())
		require.Equal(t, at.Unsolicited{Text: "RDY"}, <-e.Unsolicited())
		require.NoError(t, e.Close())
		_ = far.Close()
		<-done
	})
}
