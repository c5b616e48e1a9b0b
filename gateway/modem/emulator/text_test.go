package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
)

// lines gives all lines of an answer.
func lines(t *testing.T, e *at.Engine, command string) []string {
	t.Helper()
	notFinal := func(line string) bool {
		return line != "OK" && !strings.HasPrefix(line, "+CM") || strings.HasPrefix(line, "+CMG")
	}
	answer, err := e.Do(t.Context(), at.Command{Text: command, Match: notFinal})
	require.NoError(t, err, command)
	all := make([]string, len(answer))
	for i, l := range answer {
		all[i] = l.Text
	}
	return all
}

func TestTextMode(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 1)
	e, path := plugged(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1", "+CMGF=1", `+CSCS="IRA"`)
	at8 := time.Date(2026, 9, 13, 14, 50, 40, 0, time.FixedZone("", 8*3600))
	require.NoError(t, e.Inject("+8613800138000", "help me!", at8))
	require.NoError(t, e.Inject("+8613800138001", "货", at8))
	require.Equal(t, []string{
		`+CMGL: 1,"REC UNREAD","+8613800138000",,"26/09/13,14:50:40+32"`, "help me!",
		`+CMGL: 2,"REC UNREAD","+8613800138001",,"26/09/13,14:50:40+32"`, "8D27",
	}, lines(t, client, `+CMGL="ALL"`))
	do(t, client, "+CSDH=1")
	require.Equal(t, []string{
		`+CMGR: "REC READ","+8613800138000",,"26/09/13,14:50:40+32",145,0,0,0,"+8613800100500",145,8`, "help me!",
	}, lines(t, client, "+CMGR=1"))
	do(t, client, `+CSCS="UCS2"`, "+CSDH=0")
	require.Equal(t, []string{
		`+CMGL: 1,"REC READ","002B0038003600310033003800300030003100330038003000300030",,"26/09/13,14:50:40+32"`,
		"00680065006C00700020006D00650021",
		`+CMGL: 2,"REC READ","002B0038003600310033003800300030003100330038003000300031",,"26/09/13,14:50:40+32"`, "8D27",
	}, lines(t, client, `+CMGL="REC READ"`))
	fails(t, client, `+CMGL="SOME"`, "304")

	do(t, client, `+CSCS="IRA"`, "+CSMP=49,167,0,0", "+CNMI=2,1,0,1,0")
	cmd := at.Query(`+CMGS="+8613800138009"`, "+CMGS:")
	cmd.Payload = "where?"
	answer, err := client.Do(t.Context(), cmd)
	require.NoError(t, err)
	require.Equal(t, "+CMGS: 0", answer.First())
	s := <-sent
	require.Equal(t, "+8613800138009", s.To)
	require.Equal(t, "where?", s.Text)
	require.True(t, s.Report)
	require.Equal(t, 24*time.Hour, s.Validity)
	do(t, client, "") // The engine, which never asks for text mode, waits for the report's second line.
	hears(t, client, `+CDS: 6,0,"+8613800138009",145,"`)

	do(t, client, "+CSMP=17,167,0,8")
	cmd.Payload = "8D27"
	_, err = client.Do(t.Context(), cmd)
	require.NoError(t, err)
	require.Equal(t, "货", (<-sent).Text)
	cmd.Payload = "no hexadecimal"
	_, err = client.Do(t.Context(), cmd)
	require.ErrorContains(t, err, "305")
	fails(t, client, `+CMGS="nobody"`, "305")
	fails(t, client, "+CSMP=0,167,0,0", "305")
}
