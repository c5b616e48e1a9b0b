package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKilledWhileSendingNothingIsSentTwice kills the gateway with -9 while it sends: no
// text goes out twice, and each comes into one end state: delivered, or unknown where nobody
// can say.
func TestKilledWhileSendingNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	modem := filepath.Join(t.TempDir(), "modem")
	p := phones{process: launch(t, "modem", "emulate", "--path", modem, "--profile", "quectel"), modem: modem}
	t.Cleanup(func() { require.NoError(t, p.stop()) })
	s := newStack(t, "--modem-path", modem, "--modem-per-minute", "900")
	pool := s.pool(t)

	number := func(n int) string { return fmt.Sprintf("+861391%07d", n) }
	seen := make([]<-chan struct{}, *sendTexts)
	for n := range seen {
		seen[n] = p.expect("to " + number(n) + ": ")
		for range 2 { // Asked twice, it is one.
			s.sendText(t, fmt.Sprintf("request-%d", n), number(n), fmt.Sprintf("Load %d has left.", n))
		}
	}
	for kill := range *sendKills {
		select {
		case <-seen[(kill+1)*(*sendTexts)/(*sendKills+1)]:
		case <-time.After(patience):
			t.Fatalf("the gateway sends nothing; the modem sent:\n%s", tail(p.output()))
		}
		s.crash(t, s.gateway())
	}

	states := func() map[string]int {
		count := make(map[string]int)
		rows, err := pool.Query(t.Context(), `select state, count(*) from gateway.outbound_text group by state`)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var state string
			var n int
			require.NoError(t, rows.Scan(&state, &n))
			count[state] = n
		}
		require.NoError(t, rows.Err())
		return count
	}
	var count map[string]int
	if !assert.Eventually(t, func() bool {
		count = states()
		return count["delivered"]+count["unknown"] == *sendTexts // The reports wait in the modem's memory.
	}, 2*patience, 200*time.Millisecond) {
		_, metrics := s.get(t, "", "/metrics")
		t.Fatalf("%v\n%s\n%s", count, regexp.MustCompile(`(?m)^waybill_(texts|modem)_.*$`).FindAll(metrics, -1), p.output()[max(0, len(p.output())-2000):])
	}
	t.Log(count)
	require.LessOrEqual(t, count["unknown"], *sendKills, "one modem has one part in hand")
	for n := range *sendTexts {
		var state string
		require.NoError(t, pool.QueryRow(t.Context(), `select state from gateway.outbound_text where recipient = $1`, number(n)).Scan(&state))
		told := p.told(number(n))
		require.LessOrEqual(t, told, 1, number(n))
		if state != "unknown" {
			require.Equal(t, 1, told, number(n))
		}
	}
}

// sendText queues a text by REST.
func (s *stack) sendText(t *testing.T, request, to, body string) {
	t.Helper()
	raw, err := json.Marshal(map[string]string{"requestId": request, "to": to, "body": body})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.http+"/v1/texts", bytes.NewReader(raw))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.admin)
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", answer)
}

// TestUnitIsAskedAndAnswers gives commands to a unit by SMS. Its answer is kept with
// the command, and is a fix; its engine is cut off only when that is confirmed.
func TestUnitIsAskedAndAnswers(t *testing.T) {
	t.Parallel()
	const number = "+8613900000777"
	modem := filepath.Join(t.TempDir(), "modem")
	p := phones{process: launch(t, "modem", "emulate", "--path", modem, "--unit", number+"="+concox(time.Now(), 121.5, 31.25)), modem: modem}
	t.Cleanup(func() { require.NoError(t, p.stop()) })
	s := newStack(t, "--modem-path", modem, "--modem-per-minute", "600")
	s.waybill(t, "device", "create", "asked", "--phone", number, "--model", "concox")

	s.waybill(t, "device", "command", "asked", "position")
	var last string
	require.Eventually(t, func() bool {
		last = s.waybill(t, "device", "commands", "asked")
		return strings.Contains(last, "answered")
	}, patience, 200*time.Millisecond, "last: %s", &last)
	require.Contains(t, last, "Lat:N31.25")
	var body []byte
	require.Eventually(t, func() bool { // The answer is kept first.
		var status int
		status, body = s.get(t, s.admin, "/v1/devices/asked/position")
		return status == http.StatusOK
	}, patience, 200*time.Millisecond, "last: %s", &body)
	require.Contains(t, string(body), "121.5")

	cutOff := p.expect("to " + number + ": RELAY,1#")
	given := regexp.MustCompile(`waybill device confirm (\S+) (\S+)`).FindStringSubmatch(s.waybill(t, "device", "command", "asked", "cut-off"))
	require.NotNil(t, given)
	asked := p.expect("to " + number + ": RESET#")
	s.waybill(t, "device", "command", "asked", "restart") // It goes out behind what could have gone before it.
	select {
	case <-asked:
	case <-cutOff:
		t.Fatal("an engine was cut off that nobody confirmed")
	case <-time.After(patience):
		t.Fatal("the unit was not asked")
	}
	s.waybill(t, "device", "confirm", given[1], given[2])
	select {
	case <-cutOff:
	case <-time.After(patience):
		t.Fatal("what was confirmed was not sent")
	}
	require.Equal(t, 1, strings.Count(p.output(), "RELAY,1#"))
}
