package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/serial"
	"waybill/gateway/modem/sms"
)

// quick is an engine that gives up soon.
func quick(t *testing.T, path string) *at.Engine {
	t.Helper()
	port, err := serial.Open(path, 0)
	require.NoError(t, err)
	e := at.New(port, at.Config{Settle: 10 * time.Millisecond, ProbeTimeout: 100 * time.Millisecond, Timeout: 300 * time.Millisecond, Probes: 2})
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func do(t *testing.T, e *at.Engine, commands ...string) {
	t.Helper()
	for _, c := range commands {
		_, err := e.Do(t.Context(), at.Set(c))
		require.NoError(t, err, c)
	}
}

func inject(t *testing.T, e *emulator.Emulator, n int) {
	t.Helper()
	for i := range n {
		require.NoError(t, e.Inject("+8613800138000", fmt.Sprintf("text %d", i), time.Unix(1_700_000_000+int64(i), 0)))
	}
}

// hears waits for an unsolicited code.
func hears(t *testing.T, e *at.Engine, code string) {
	t.Helper()
	for {
		select {
		case u, open := <-e.Unsolicited():
			require.True(t, open, "the stream ended before %s", code)
			if strings.HasPrefix(u.Text, code) {
				return
			}
		case <-time.After(patience):
			require.FailNow(t, "not heard: "+code)
		}
	}
}

func TestIndicationInsideAnAnswer(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	inject(t, e, 5)
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1", "+CNMI=2,1")
	store := sms.NewStore(client)
	for seed := range uint64(60) {
		require.NoError(t, e.Break(fault.Fault{Kind: fault.Indication, Next: 1, Seed: seed}))
		stored, err := store.List(t.Context(), "SM")
		require.NoError(t, err)
		require.Len(t, stored, 5)
		for _, s := range stored {
			require.NotEmpty(t, s.PDU)
		}
		hears(t, client, "+CMTI")
	}
}

func TestTornLineIsReadAgain(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	inject(t, e, 3)
	client := quick(t, path)
	do(t, client, "E0", "+CMEE=1", "+CPMS=\"SM\"")
	for seed := range uint64(20) {
		require.NoError(t, e.Break(fault.Fault{Kind: fault.TornLine, Next: 1, Seed: seed, Text: "^RSSI:9"}))
		// Whatever was torn, what comes after is in step.
		_, _ = client.Do(t.Context(), at.List("+CMGL=4", "+CMGL:"))
		answer, err := client.Do(t.Context(), at.Query("+CPMS?", "+CPMS:"))
		require.NoError(t, err)
		require.Contains(t, answer.First(), `"SM",3,20`)
	}
}

func TestHangEnds(t *testing.T) {
	t.Parallel()
	for _, f := range []string{"hang,for=100ms", "hang,end=reset", "hang,end=reopen"} {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			e, path := plugged(t, emulator.Config{})
			client := quick(t, path)
			do(t, client, "E0")
			hang, err := fault.Parse(f)
			require.NoError(t, err)
			require.NoError(t, e.Break(hang))
			switch hang.End {
			case fault.EndReset:
				_, err = client.Do(t.Context(), at.Set("+CSQ"))
				require.ErrorIs(t, err, at.ErrTimeout)
				port, err := serial.Open(path, 0)
				require.NoError(t, err)
				_, err = port.Write([]byte("AT+CFUN=1,1\r"))
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, port.Close()) }) // Which discards what is on its way.
			case fault.EndReopen:
				_, err = client.Do(t.Context(), at.Set("+CSQ"))
				require.ErrorIs(t, err, at.ErrTimeout)
				client = quick(t, path)
			}
			require.Eventually(t, func() bool {
				_, err := client.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
				return err == nil
			}, patience, 10*time.Millisecond, "nothing signals that a silent modem hears again")
		})
	}
}

func TestUnpluggedForATime(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	client := quick(t, path)
	do(t, client, "E0")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.Unplug, For: 50 * time.Millisecond}))
	for range client.Unsolicited() { // It ends with the stream.
	}
	require.Eventually(t, func() bool { return e.Path() == path }, patience, time.Millisecond, "nothing signals it")
	do(t, quick(t, path), "")

	require.NoError(t, e.Break(fault.Fault{Kind: fault.Unplug}))
	require.NoFileExists(t, path)
	require.NoError(t, e.Break(fault.Fault{Kind: fault.Plug}))
	do(t, quick(t, path), "")
}

func TestReenumeratesUnderAnotherName(t *testing.T) {
	t.Parallel()
	for _, away := range []time.Duration{0, 20 * time.Millisecond} {
		e, path := plugged(t, emulator.Config{})
		inject(t, e, 1)
		before, err := os.Readlink(path)
		require.NoError(t, err)
		client := quick(t, path)
		do(t, client, "E0")
		require.NoError(t, e.Break(fault.Fault{Kind: fault.Reenumerate, For: away}))
		for range client.Unsolicited() {
		}
		require.Eventually(t, func() bool { return e.Path() == path }, patience, time.Millisecond, "nothing signals it")
		after, err := os.Readlink(path)
		require.NoError(t, err)
		require.NotEqual(t, before, after)
		do(t, quick(t, path), "")
		require.Equal(t, 1, e.Stored("SM"))
	}
}

func TestClosedWhileItIsAway(t *testing.T) {
	t.Parallel()
	e := emulator.New(emulator.Config{Link: filepath.Join(t.TempDir(), "modem")})
	_, err := e.Start()
	require.NoError(t, err)
	require.NoError(t, e.Reenumerate(time.Hour))
	require.NoError(t, e.Reenumerate(0), "it is away already")
	require.NoError(t, e.Close())
	require.Empty(t, e.Path())
	require.ErrorIs(t, e.Plug(), emulator.ErrUnplugged)
	_, err = e.Start()
	require.NoError(t, err)
	require.NoError(t, e.Close())
}

func TestSIMFullEnds(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{Memories: []emulator.Memory{{Name: "SM", Capacity: 4, First: 1}}})
	inject(t, e, 1)
	client := engine(t, path)
	do(t, client, "E0")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.SIMFull}))
	answer, err := client.Do(t.Context(), at.Query("+CPMS?", "+CPMS:"))
	require.NoError(t, err)
	require.Contains(t, answer.First(), `"SM",4,4`)
	stored, err := sms.NewStore(client).List(t.Context(), "SM")
	require.NoError(t, err)
	require.Len(t, sms.Sort(stored).Whole, 1, "what fills it is nobody's text")
	inject(t, e, 2)
	require.Equal(t, 2, e.Waiting())
	require.NoError(t, e.Heal())
	require.Zero(t, e.Waiting())
	require.Equal(t, 3, e.Stored("SM"))
}

func TestOccasions(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	inject(t, e, 3)
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.KeepDeleted, Next: 2}))
	do(t, client, "+CMGD=1", "+CMGD=2")
	require.Equal(t, 3, e.Stored("SM"))
	do(t, client, "+CMGD=1")
	require.Equal(t, 2, e.Stored("SM"))

	require.NoError(t, e.Break(fault.Fault{Kind: fault.SIMBusy, Next: 1}))
	_, err := client.Do(t.Context(), at.Set("+CMGD=2"))
	require.ErrorContains(t, err, "314")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.SIMBusy, Next: 1}))
	fails(t, client, "+CPIN?", "+CME ERROR: 14")

	refused := func(seed uint64) (which string) {
		require.NoError(t, e.Break(fault.Fault{Kind: fault.SendError, Code: 42, Rate: 0.3, Seed: seed}))
		sender := sms.NewSender(client)
		for range 40 {
			_, err := sender.Submit(t.Context(), "+8613800138009", "x")
			var cms *at.CMSError
			if errors.As(err, &cms) {
				require.Equal(t, 42, cms.Code)
				which += "x"
			} else {
				require.NoError(t, err)
				which += "."
			}
		}
		return which
	}
	once := refused(5)
	require.Equal(t, once, refused(5), "the same seed refuses the same")
	require.Contains(t, once, "x")
	require.Contains(t, once, ".")
	require.Less(t, strings.Count(once, "x"), 20)
}

func TestSendingThatIsNeverAnswered(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 1)
	e, path := plugged(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }})
	client := quick(t, path)
	do(t, client, "E0")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.SendSilence, Next: 1}))
	cmd := at.Query("+CMGS=9", "+CMGS:")
	cmd.Payload = "0011000291210000AA00"
	_, err := client.Do(t.Context(), cmd)
	require.ErrorIs(t, err, at.ErrTimeout)
	require.Equal(t, "+12", (<-sent).To, "it was sent all the same")
}

func TestRegistrationIsLostAndTold(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	client := engine(t, path)
	do(t, client, "E0", "+CREG=2")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.NoNetwork, Code: 2}))
	hears(t, client, "+CREG: 2")
	inject(t, e, 1)
	require.Equal(t, 1, e.Waiting())
	require.NoError(t, e.Break(fault.Fault{Kind: fault.NoNetwork, Code: 0, For: 20 * time.Millisecond}))
	hears(t, client, "+CREG: 0")
	hears(t, client, `+CREG: 1,"1A2B"`)
	require.Zero(t, e.Waiting())
}

func TestSlowAnswersComeInOrder(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	client := quick(t, path)
	do(t, client, "E0")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.Slow, Delay: 400 * time.Millisecond, Next: 1}))
	_, err := client.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
	require.ErrorIs(t, err, at.ErrTimeout)
	answer, err := client.Do(t.Context(), at.Query("+COPS?", "+COPS:"))
	require.NoError(t, err)
	require.Contains(t, answer.First(), "+COPS:")
}

func TestGarbageAndRestart(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	client := quick(t, path)
	do(t, client, "E0")
	require.NoError(t, e.Break(fault.Fault{Kind: fault.Garbage, Size: 300, Seed: 3}))
	_, err := client.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
	if err != nil {
		_, err = client.Do(t.Context(), at.Query("+CSQ", "+CSQ:"))
	}
	require.NoError(t, err)
	require.NoError(t, e.Break(fault.Fault{Kind: fault.Restart}))
	hears(t, client, "RDY")
	require.Error(t, e.Break(fault.Fault{Kind: "fire"}))
}

func TestHarassedUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	draw := fault.NewDrawer(3)
	draw.Longest = 20 * time.Millisecond
	go func() { done <- e.Harass(ctx, time.Millisecond, draw) }()
	require.Eventually(t, func() bool { return e.Path() == "" }, patience, time.Millisecond, "unplugged some time")
	cancel()
	require.NoError(t, <-done)
	require.Eventually(t, func() bool { return e.Path() == path }, patience, time.Millisecond)
}
