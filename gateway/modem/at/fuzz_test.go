package at

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzConversation throws any bytes at a command in progress: memory stays bounded, what is awaited is closed once, and
// a clean exchange works afterwards.
func FuzzConversation(f *testing.F) {
	for _, s := range []string{
		"\r\n+CMGL: 1,1,,2\r\n0011\r\nOK\r\n", "> 0011\x1a\r\n+CMGS: 1\r\nOK\r\n", "+CMT: ,3\r\n", "AT+CMGL=4\r\r\n+CME ERROR: 10\r\n",
		"+CMTI: \"SM\",1\r\n\x00\xff>>\r\nNO CARRIER\r\nOK\r\nOK\r\n", strings.Repeat("+CMGL: 1\r\nAA\r\n", 50), "+CMS ERROR: 99999999999999999999\r\n",
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
