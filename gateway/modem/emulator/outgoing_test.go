package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	wsms "github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/profile"
	"waybill/gateway/modem/sms"
)

// sendReported is an SMS-SUBMIT that asks for a report: "hellohello" to 46708251358 with a validity of a day.
const sendReported = "0031000B916407281553F80000A70AE8329BFD4697D9EC37"

// next waits for an unsolicited code.
func next(t *testing.T, e *at.Engine) at.Unsolicited {
	t.Helper()
	select {
	case u := <-e.Unsolicited():
		return u
	case <-time.After(patience):
		require.FailNow(t, "the modem says nothing")
		return at.Unsolicited{}
	}
}

func send(t *testing.T, e *at.Engine, pdu string) string {
	t.Helper()
	cmd := at.Query(fmt.Sprintf("+CMGS=%d", len(pdu)/2-1), "+CMGS:")
	cmd.Payload = pdu
	answer, err := e.Do(t.Context(), cmd)
	require.NoError(t, err)
	return answer.First()
}

// report reads an SMS-STATUS-REPORT.
func report(t *testing.T, pdu string) *tpdu.TPDU {
	t.Helper()
	p, err := pdumode.UnmarshalHexString(pdu)
	require.NoError(t, err)
	r, err := wsms.Unmarshal(p.TPDU)
	require.NoError(t, err)
	require.Equal(t, tpdu.SmsStatusReport, r.SmsType())
	return r
}

func TestReportsComeToTheLine(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1", "+CNMI=2,1,0,1,0")
	require.Equal(t, "+CMGS: 0", send(t, client, sendReported))
	u := next(t, client)
	require.Equal(t, "+CDS: 25", u.Text)
	r := report(t, u.PDU)
	require.Equal(t, byte(0), r.MR)
	require.Equal(t, "+46708251358", r.RA.Number())
	require.Equal(t, byte(0), r.ST)

	require.NoError(t, e.Break(fault.Fault{Kind: fault.Undeliverable, Next: 1}))
	require.Equal(t, "+CMGS: 1", send(t, client, sendReported))
	r = report(t, next(t, client).PDU)
	require.Equal(t, byte(1), r.MR)
	require.Equal(t, byte(0x46), r.ST)

	require.NoError(t, e.Break(fault.Fault{Kind: fault.LostReport, Next: 1}))
	require.Equal(t, "+CMGS: 2", send(t, client, sendReported))
	require.Equal(t, "+CMGS: 3", send(t, client, sendReported))
	require.Equal(t, byte(3), report(t, next(t, client).PDU).MR, "that of the second is lost")
}

func TestReportsAreStored(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{Profile: profile.Quectel()})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1", "+CNMI=2,1,0,2,0")
	for i := range 3 {
		require.Equal(t, fmt.Sprintf("+CMGS: %d", i), send(t, client, sendReported))
		hears(t, client, fmt.Sprintf(`+CDSI: "SR",%d`, i))
	}
	require.Equal(t, 3, e.Stored("SR"))
	stored, err := sms.NewStore(client).List(t.Context(), "SR")
	require.NoError(t, err)
	require.Len(t, stored, 3)
	require.Equal(t, byte(2), report(t, stored[2].PDU).MR)
	do(t, client, "+CMGD=1")
	require.Equal(t, 2, e.Stored("SR"))
}

func TestReportsWaitForTheModem(t *testing.T) {
	t.Parallel()
	taken := make(chan emulator.Submission, 1)
	e, path := plugged(t, emulator.Config{Fate: func(s emulator.Submission) emulator.Fate {
		taken <- s
		return emulator.Fate{Delay: 20 * time.Millisecond}
	}})
	client := engine(t, path)
	do(t, client, "E0")
	send(t, client, sendReported)
	require.Equal(t, 24*time.Hour, (<-taken).Validity)
	require.NoError(t, e.Unplug())
	require.Eventually(t, func() bool { return e.Waiting() == 1 }, patience, time.Millisecond, "the network has it")
	require.NoError(t, e.Plug())
	again := engine(t, path)
	do(t, again, "E0", "+CNMI=2,1,0,1,0")
	require.Equal(t, byte(0), report(t, next(t, again).PDU).ST)
}

func TestUnitsAnswerToTheSIMThatAsked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("set the 间隔 to 🚚 ", 7)
	e, path := plugged(t, emulator.Config{Number: "+8613700000001", Units: []emulator.Unit{
		{Number: "+8613800138009", Answer: func(text string) string { return "got " + text }, Delay: time.Millisecond},
		{Number: "+8613800138010", Answer: emulator.Says("")},
	}})
	client := engine(t, path)
	do(t, client, "E0", "+CNMI=2,1")
	sender := sms.NewSender(client)
	refs, err := sender.Submit(t.Context(), "+8613800138009", long)
	require.NoError(t, err)
	require.Len(t, refs, 2)
	_, err = sender.Submit(t.Context(), "+8613800138010", "silence")
	require.NoError(t, err)
	store := sms.NewStore(client)
	require.Eventually(t, func() bool { return e.Stored("SM") == 2 }, patience, time.Millisecond)
	stored, err := store.List(t.Context(), "SM")
	require.NoError(t, err)
	pdus := make([]string, len(stored))
	for i, s := range stored {
		pdus[i] = s.PDU
	}
	whole, err := sms.Join(pdus)
	require.NoError(t, err)
	require.Equal(t, "got "+long, whole.Text)
	require.Equal(t, "+8613800138009", whole.From)
}

func TestPDUsAreCheckedTruly(t *testing.T) {
	t.Parallel()
	_, path := plugged(t, emulator.Config{})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	for what, pdu := range map[string]string{
		"text longer than it says":  "0011000B916407281553F80000AA0AE8329BFD4697D9EC3700",
		"text shorter than it says": "0011000B916407281553F80000AA0AE8329BFD4697D9EC",
		"a DELIVER":                 "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
		"no receiver":               "00110000910000AA0AE8329BFD4697D9EC37",
		"validity missing":          "0011000B916407281553F800000AE8329BFD4697D9EC37",
		"UCS-2 too long":            "0011000B916407281553F80008AA8D" + strings.Repeat("00", 141),
		"header beyond the end":     "0051000B916407281553F80004AA03050003",
		"no hexadecimal":            "00xx",
	} {
		cmd := at.Query(fmt.Sprintf("+CMGS=%d", len(pdu)/2-1), "+CMGS:")
		cmd.Payload = pdu
		_, err := client.Do(t.Context(), cmd)
		require.ErrorContains(t, err, "304", what)
	}
}

func TestWrittenThenSentFromStorage(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 2)
	e, path := plugged(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	cmd := at.Query("+CMGW=23", "+CMGW:")
	cmd.Payload = sendReported
	answer, err := client.Do(t.Context(), cmd)
	require.NoError(t, err)
	require.Equal(t, "+CMGW: 1", answer.First())
	require.Equal(t, 1, e.Stored("SM"))
	answer, err = client.Do(t.Context(), at.Query("+CMSS=1", "+CMSS:"))
	require.NoError(t, err)
	require.Equal(t, "+CMSS: 0", answer.First())
	require.Equal(t, "+46708251358", (<-sent).To)
	do(t, client, `+CMSS=1,"+8613800138009"`)
	other := <-sent
	require.Equal(t, "+8613800138009", other.To)
	require.Equal(t, "hellohello", other.Text)
	_, err = client.Do(t.Context(), at.Set("+CMSS=2"))
	require.ErrorContains(t, err, "321")
}

func TestHandedToTheLineAndAcknowledged(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{Profile: profile.SIMCom()})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1", "+CSMS=1", "+CNMI=2,2,0,0,0")
	inject(t, e, 2)
	u := next(t, client)
	for !strings.HasPrefix(u.Text, "+CMT: ,") { // The banner comes first.
		u = next(t, client)
	}
	part, err := sms.Decode(u.PDU)
	require.NoError(t, err)
	require.Equal(t, "text 0", part.Text)
	require.Equal(t, 1, e.Waiting(), "the second waits for the acknowledgement of the first")
	do(t, client, "+CNMA")
	u = next(t, client)
	require.Contains(t, u.Text, "+CMT: ,")
	do(t, client, "+CNMA")
	_, err = client.Do(t.Context(), at.Set("+CNMA"))
	require.ErrorContains(t, err, "340")
}
