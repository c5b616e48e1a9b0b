package at

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzConversation throws any bytes at a command in progress: memory stays bounded, what is awaited is closed once, an
// answer holds only lines that stood in the stream and may be its own, and a clean exchange works afterwards.
func FuzzConversation(f *testing.F) {
	for _, s := range []string{
		"\r\n+CMGL: 1,1,,2\r\n0011\r\nOK\r\n", "> 0011\x1a\r\n+CMGS: 1\r\nOK\r\n", "+CMT: ,3\r\n", "AT+CMGL=4\r\r\n+CME ERROR: 10\r\n",
		"+CMTI: \"SM\",1\r\n\x00\xff>>\r\nNO CARRIER\r\nOK\r\nOK\r\n", strings.Repeat("+CMGL: 1\r\nAA\r\n", 50), "+CMS ERROR: 99999999999999999999\r\n",
		"AT+CG\r\n^RSSI: 1\r\nMI\rACME\r\nOK\r\n",
	} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(7))
	}
	f.Fuzz(func(t *testing.T, p []byte, kind uint8) {
		const line, bound = 64, 256
		c := conversation{split: splitter{bound: line}, codes: DefaultCodes(), bound: bound, tell: func(u Unsolicited) {
			require.LessOrEqual(t, len(u.Text), line)
		}}
		cmd := List("+CMGL=4", "+CMGL:")
		cmd.PDU = kind&1 != 0
		if kind&2 != 0 {
			cmd.Payload = "0011"
		}
		if kind&4 != 0 {
			cmd = Free("+CGMI")
		}
		x := newExchange(cmd)
		c.now = x
		c.feed(p)
		require.LessOrEqual(t, x.size, bound+line)
		for _, l := range x.answer {
			require.True(t, cmd.Match(l.Text))
			require.True(t, l.PDU == "" || isHex(l.PDU))
			_, final := finalResult(l.Text, false)
			require.False(t, final)
			require.False(t, cmd.Bare && (DefaultCodes().match(l.Text) || strings.HasPrefix(l.Text, "AT+")), "%q", l.Text)
		}

		// What the engine does between the two: the line ends, and nothing is asked.
		c.now = nil
		c.feed([]byte("\r"))

		y := newExchange(Query("+CSQ", "+CSQ:"))
		c.now = y
		c.feed([]byte("\r\n\r\n+CSQ: 20,0\r\nOK\r\n"))
		<-y.done
		require.NoError(t, y.err)
		require.Equal(t, "+CSQ: 20,0", y.answer.First())
	})
}

// FuzzInterleaved puts lines that belong to nobody between the lines of a list, between headers and PDUs, and before and
// after the result: the answer is the list, whole and in order, and nothing else.
func FuzzInterleaved(f *testing.F) {
	f.Add([]byte{3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{9, 1, 1, 1, 0, 0, 7, 7, 7})
	strangers := []string{
		"", "\r\n", "+CMTI: \"SM\",7\r\n", "+CMT: ,2\r\nAABB\r\n", "RING\r\n", "^RSSI: 12\r\n", "AT+CMGL=4\r", "+CREG: 1\r\n",
		"\x00\xfe\xff\r\n", "NO CARRIER\r\n", "+CDS: 5\r\n0011223344\r\n", "+ZZYZX\r\n", "  \r\n", strings.Repeat("z", 100) + "\r\n", "+WMGF\r\n",
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 || len(script) > 200 {
			return
		}
		next := func() int {
			if len(script) == 0 {
				return 0
			}
			b := script[0]
			script = script[1:]
			return int(b)
		}
		stranger := func() string { return strangers[next()%len(strangers)] }
		c := conversation{split: splitter{bound: 64}, codes: DefaultCodes(), bound: 1 << 20, tell: func(Unsolicited) {}}
		cmd := List("+CMGL=4", "+CMGL:")
		cmd.PDU = true
		x := newExchange(cmd)
		c.now = x
		var want Answer
		stream := stranger()
		for i := range next() % 12 {
			l := Line{Text: fmt.Sprintf("+CMGL: %d,1,,%d", i, next()), PDU: fmt.Sprintf("%04X", next())}
			want = append(want, l)
			stream += "\r\n" + l.Text + "\r\n" + stranger() + l.PDU + "\r\n" + stranger()
		}
		stream += "\r\nOK\r\n" + stranger()
		for len(stream) > 0 { // In pieces, as serial lines give it.
			n := min(1+next()%17, len(stream))
			c.feed([]byte(stream[:n]))
			stream = stream[n:]
		}
		<-x.done
		require.NoError(t, x.err)
		require.Equal(t, want, x.answer)
	})
}

// FuzzEngine runs the whole engine against a modem that follows a script: it answers, answers late, says nothing, loses
// its mind, changes its echo, and says things in between. Whatever it does, an answer is the command's own or there is
// none, and once the modem is in its senses again the engine gets on with it.
func FuzzEngine(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	f.Add([]byte{2, 2, 2, 2, 2, 2, 2, 2})
	f.Add([]byte("\x01\x07\x03\x07\x04late and \r\nOK\r\n garbage > \r\n"))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 64 {
			return
		}
		synctest.Test(t, func(t *testing.T) { mad(t, script) })
	})
}

func mad(t *testing.T, script []byte) {
	t.Helper()
	near, far := net.Pipe()
	m := &madModem{Conn: far, script: script}
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.serve()
	}()
	e := New(near, Config{Timeout: 3 * time.Second})
	ask := func(n int) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		answer, err := e.Do(ctx, Query(fmt.Sprintf("+CSQ=%d", n), "+CSQ:"))
		if err == nil {
			require.Equal(t, Answer{{Text: fmt.Sprintf("+CSQ: %d,0", n)}}, answer)
		}
		return err
	}
	n := 0
	for range len(script) + 2 {
		n++
		_ = ask(n)
	}
	// The script is at its end. What is still on its way may cost a few more.
	var err error
	for range 5 {
		n++
		if err = ask(n); err == nil {
			break
		}
	}
	require.NoError(t, err, "the engine gets on with a modem that is in order again")
	require.NoError(t, e.Close())
	_ = far.Close()
	<-done
}

type madModem struct {
	net.Conn
	script []byte
	echo   bool
}

func (m *madModem) serve() {
	r := bufio.NewReader(m.Conn)
	for {
		line, err := r.ReadString('\r')
		if err != nil {
			return
		}
		if m.echo {
			m.say(line)
		}
		line = strings.TrimRight(strings.TrimLeft(line, "\x1b"), "\r")
		result := "\r\nOK\r\n"
		switch nonce, query := strings.CutPrefix(line, "AT+CSQ="); {
		case query:
			result = "\r\n+CSQ: " + nonce + ",0\r\n\r\nOK\r\n"
		case line == "AT+CMEE?":
			result = "\r\n+CMEE: 1\r\n\r\nOK\r\n"
		case line != "AT":
			continue
		}
		m.act(result)
	}
}

// act answers as the next step of the script says.
func (m *madModem) act(result string) {
	if len(m.script) == 0 {
		m.say(result)
		return
	}
	step := m.script[0]
	m.script = m.script[1:]
	switch step % 11 {
	case 1:
		<-time.After(time.Duration(step) * 40 * time.Millisecond) // Up to ten seconds late, in order.
		m.say(result)
	case 2: // Nothing.
	case 3:
		m.say("\r\n+CMTI: \"SM\",1\r\n" + result)
	case 4: // What the script has, as it is, but for an answer to what was not asked.
		m.say(strings.ReplaceAll(string(m.script), "+CSQ:", "") + "\r\n" + result)
	case 5:
		m.echo = !m.echo
		m.say(result)
	case 6:
		m.say("\r\nERROR\r\n")
	case 7:
		m.say("\r\nRING" + result + "\r\n^BOOT: 1\r\n")
	case 8:
		m.say(result[:len(result)/2])
	case 9:
		m.say("\r\n> " + result)
	default:
		m.say(result)
	}
}

func (m *madModem) say(s string) { _, _ = io.WriteString(m.Conn, s) }
