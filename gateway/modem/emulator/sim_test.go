package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/profile"
)

// first asks and gives the first line of the answer.
func first(t *testing.T, e *at.Engine, command, prefix string) string {
	t.Helper()
	answer, err := e.Do(t.Context(), at.Query(command, prefix))
	require.NoError(t, err, command)
	return answer.First()
}

func fails(t *testing.T, e *at.Engine, command, how string) {
	t.Helper()
	_, err := e.Do(t.Context(), at.Set(command))
	require.ErrorContains(t, err, how, command)
}

func TestSIMsAreExchanged(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{IMSI: "460001111111111", Number: "+8613700000001"})
	inject(t, e, 3)
	require.NoError(t, e.Deliver(emulator.Message{From: "+8613800138000", Text: "in the modem", Time: time.Now(), Memory: "ME"}))
	other := emulator.NewSIM(emulator.SIMConfig{IMSI: "460002222222222", ICCID: "8986002", Centre: "+8613900000000", Capacity: 7})
	require.NoError(t, other.Inject("+8613800138000", "sent while it was in no modem", time.Now()))

	old, err := e.Exchange(other)
	require.NoError(t, err)
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	require.Equal(t, `+CPMS: "SM",1,7,"SM",1,7,"SM",1,7`, first(t, client, "+CPMS?", "+CPMS:"))
	require.Equal(t, "+CCID: 8986002", first(t, client, "+CCID", "+CCID:"))
	require.Equal(t, `+CSCA: "+8613900000000",145`, first(t, client, "+CSCA?", "+CSCA:"))
	answer, err := client.Do(t.Context(), at.Command{Text: "+CIMI", Match: at.Digits(6, 15), Least: 1})
	require.NoError(t, err)
	require.Equal(t, "460002222222222", answer.First())
	require.Equal(t, 1, e.Stored("ME"), "which is the modem's")

	second, secondPath := plugged(t, emulator.Config{SIM: old})
	require.Equal(t, 3, second.Stored("SM"))
	require.Equal(t, `+CNUM: "","+8613700000001",145`, first(t, engine(t, secondPath), "+CNUM", "+CNUM:"))
	_, err = e.Exchange(old)
	require.ErrorIs(t, err, emulator.ErrSIMElsewhere)

	_, err = e.Exchange(nil)
	require.NoError(t, err)
	client = engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	fails(t, client, "+CPIN?", "+CME ERROR: 10")
	fails(t, client, "+CIMI", "+CME ERROR: 10")
	fails(t, client, "+CPMS?", "+CMS ERROR: 310")
	require.Equal(t, "+CREG: 0,0", first(t, client, "+CREG?", "+CREG:"))
	require.ErrorIs(t, e.Inject("+1", "x", time.Now()), emulator.ErrNoSIM)
}

func TestPINAndPUK(t *testing.T) {
	t.Parallel()
	made := profile.Plain()
	made.Tries = "+CPINR"
	e, path := plugged(t, emulator.Config{PIN: "4711", PUK: "87654321", Profile: made})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	inject(t, e, 1)
	require.Equal(t, 1, e.Waiting(), "nothing comes to a locked SIM")
	fails(t, client, "+CMGL=4", "+CMS ERROR: 311")
	fails(t, client, "+CIMI", "+CME ERROR: 11")
	fails(t, client, `+CPIN="0000"`, "+CME ERROR: 16")
	require.NoError(t, e.Unplug())
	require.NoError(t, e.Plug())
	client = engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	fails(t, client, `+CPIN="0000"`, "+CME ERROR: 16")
	require.Equal(t, "+CPINR: SIM PIN,1,3", first(t, client, "+CPINR", "+CPINR:"))
	fails(t, client, `+CPIN="0000"`, "+CME ERROR: 12")
	require.Equal(t, "+CPIN: SIM PUK", first(t, client, "+CPIN?", "+CPIN:"))
	fails(t, client, `+CPIN="4711"`, "+CME ERROR: 12")
	fails(t, client, `+CPIN="11111111","1234"`, "+CME ERROR: 16")
	do(t, client, `+CPIN="87654321","1234"`)
	require.Equal(t, "+CPIN: READY", first(t, client, "+CPIN?", "+CPIN:"))
	require.Zero(t, e.Waiting())

	fails(t, client, `+CPWD="SC","4711","9999"`, "16")
	do(t, client, `+CPWD="SC","1234","9999"`)
	require.Equal(t, "+CLCK: 1", first(t, client, `+CLCK="SC",2`, "+CLCK:"))
	do(t, client, `+CLCK="SC",0,"9999"`)
	require.NoError(t, e.Unplug())
	require.NoError(t, e.Plug())
	require.Equal(t, "+CPIN: READY", first(t, engine(t, path), "+CPIN?", "+CPIN:"))
}

func TestTenWrongPUKsAreTheEnd(t *testing.T) {
	t.Parallel()
	_, path := plugged(t, emulator.Config{PIN: "4711"})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1")
	for range 3 {
		fails(t, client, `+CPIN="0000"`, "+CME ERROR")
	}
	for range 9 {
		fails(t, client, `+CPIN="0000","4711"`, "+CME ERROR: 16")
	}
	fails(t, client, `+CPIN="0000","4711"`, "+CME ERROR: 13")
	fails(t, client, "+CPIN?", "+CME ERROR: 13")
	fails(t, client, `+CPIN="12345678","4711"`, "+CME ERROR: 13")
}

func TestTriesAsMakersTellThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		made                   profile.Profile
		command, prefix, tells string
	}{
		{profile.SIMCom(), "+SPIC", "+SPIC:", "+SPIC: 2,10,3,10"},
		{profile.Quectel(), `+QPINC="SC"`, "+QPINC:", `+QPINC: "SC",2,10`},
		{profile.Huawei(), "^CPIN?", "^CPIN:", "^CPIN: SIM PIN,2,10,2,10,3"},
		{profile.Cinterion(), "^SPIC", "^SPIC:", "^SPIC: 2"},
	} {
		t.Run(c.made.Name, func(t *testing.T) {
			t.Parallel()
			_, path := plugged(t, emulator.Config{Profile: c.made, PIN: "4711"})
			client := engine(t, path)
			do(t, client, "E0", "+CMEE=1")
			fails(t, client, `+CPIN="0000"`, "+CME ERROR: 16")
			require.Equal(t, c.tells, first(t, client, c.command, c.prefix))
		})
	}
}
