package at_test

import (
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
)

// tape keeps what passes.
type tape struct {
	mu    sync.Mutex
	lines []string
}

func (r *tape) see(p at.Passed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, string(p.Direction)+" "+p.Text)
}

func (r *tape) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

func TestTraceShowsLinesWhileItIsWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		m := &modem{Conn: far, echo: true}
		done := make(chan struct{})
		go func() {
			defer close(done)
			m.serve(func(*modem, string) string { return "\r\n+CSQ: 1,1\r\n\r\nOK\r\n" })
		}()
		taps := &at.Taps{}
		e := at.New(at.NewTrace(near, taps), at.Config{})
		_, err := e.Do(t.Context(), at.Set("+CMGF=0"))
		require.NoError(t, err)
		var first, second tape
		leave := taps.Add(first.see)
		_, err = e.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
		require.NoError(t, err)
		require.Equal(t, "sent AT+CSQ\nreceived AT+CSQ\nreceived +CSQ: 1,1\nreceived OK", first.text())
		defer taps.Add(second.see)()
		leave()
		_, err = e.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
		require.NoError(t, err)
		require.Equal(t, first.text(), second.text())
		require.Equal(t, 3, strings.Count(first.text(), "received"), "nothing after it has left")
		require.NoError(t, e.Close())
		_ = far.Close()
		<-done
	})
}

// wire is a port that is given what it reads in pieces.
type wire struct {
	pieces []string
	wrote  strings.Builder
}

func (w *wire) Read(p []byte) (int, error) {
	n := copy(p, w.pieces[0])
	w.pieces = w.pieces[1:]
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) { return w.wrote.Write(p) }
func (w *wire) Close() error                { return nil }

func TestTraceNeverShowsASecret(t *testing.T) {
	t.Parallel()
	for _, pieces := range [][]string{
		{"AT+CPIN=\"4711\"\r", "\r\nOK\r\n"},
		{"AT+CPIN=\"47", "11\"\r\r\nOK\r\n"},
		{"AT+CPI\r\n+CMTI: \"SM\",1\r\nN=\"4711\"\r\r\nOK\r\n"},
		{"AT+CPIN=\"4\r\nRING\r\n711\"\r\r\n+CME ERROR: 16\r\n"},
		{"4711\"\r\nOK\r\n"},
	} {
		w := &wire{pieces: append(pieces, "\r\n+CSQ: 47,11\r\n")}
		var seen tape
		taps := &at.Taps{}
		trace := at.NewTrace(w, taps)
		taps.Add(seen.see)
		_, err := trace.Write([]byte("AT+CPIN=\"4711\"\r"))
		require.NoError(t, err)
		for range len(pieces) + 1 {
			_, err = trace.Read(make([]byte, 100))
			require.NoError(t, err)
		}
		require.NotContains(t, seen.text(), "711")
		require.Contains(t, seen.text(), "sent AT+CPIN=****")
		require.Contains(t, seen.text(), "+CSQ: 47,11", "after the result all is shown again")
		require.Contains(t, w.wrote.String(), "4711", "the modem gets it")
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	r := at.NewRedactor()
	for line, want := range map[string]string{
		"AT+CMGS=23": "AT+CMGS=23", "+CMTI: \"SM\",3": "+CMTI: \"SM\",3", "+CSQ: 20,99": "+CSQ: 20,99",
		"0891683108501005F0040D91683118008300F0": "<19 octets>",
		`+CNUM: "","+8613800138000",145`:         `+CNUM: "","****",145`,
		`+CLIP: "13800138000",129`:               `+CLIP: "****",129`,
		`+CUSD: 0,"Your balance is 5",15`:        `+CUSD: 0,****`,
		`+COPS: 0,0,"CHINA MOBILE"`:              `+COPS: 0,0,"CHINA MOBILE"`,
	} {
		require.Equal(t, want, r.Redact(line))
	}
}
