package emulator

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzRequests(f *testing.F) {
	for _, seed := range []string{"E0V1", `+CMEE=1;+CREG=2`, `+CPMS="SM;","ME"`, "+CNMI=2,1,,0", "^SPIC=\"SC\"", "&F&D2", ";;", "+CSCS=?;+CSQ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, r := range requests(line) {
			require.NotEmpty(t, r.name)
			require.Equal(t, strings.ToUpper(r.name), r.name)
			if r.form == set {
				require.NotEmpty(t, r.args)
			}
		}
	})
}

func FuzzReadSubmit(f *testing.F) {
	for _, seed := range []string{
		"31000B916407281553F80000A70AE8329BFD4697D9EC37", "01000B916407281553F800000AE8329BFD4697D9EC37",
		"51000B916407281553F80008A7080500030102014E00", "1100029121000CAA00",
	} {
		raw, err := hex.DecodeString(seed)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := readSubmit(raw)
		if err != nil {
			return
		}
		require.NotEmpty(t, out.to)
		require.LessOrEqual(t, len(out.raw), 1+1+12+1+1+7+1+140)
		readdressed, err := readdress(raw, "+8613800138009")
		require.NoError(t, err)
		other, err := readSubmit(readdressed)
		require.NoError(t, err)
		require.Equal(t, "+8613800138009", other.to)
		require.Equal(t, out.text, other.text)
	})
}

// FuzzLine has a client type anything.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{
		"AT+CMGF=1\rAT+CMGS=\"+1\"\rhello\x1a", "AT+CMGS=23\r0031000B916407281553F80000A70AE8329BFD4697D9EC37\x1a", "ATE0\rAT+CMGL=4\r",
		"AT+CPIN=\"1\",\"2\"\rAT+CLCK=\"SC\"\r", "AT+CMGD=1,4\rAT+CPMS=\"ME\",\"ME\",\"ME\"\r", "AT+CNMI=2,1\rAT+CSMP=17,1,0,8\r",
		"AT+CMGW=23,9\rAT+CMSS=1,\"+1\"\rAT+CMGR\rAT+CMGL\rAT+CPWD=\"SC\",1,2\rAT+CFUN=0\r",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, typed []byte) {
		e := New(Config{PIN: "1"})
		e.line = &terminal{out: newQueue(), meter: &meter{}}
		e.state.unlocked = true
		for _, b := range typed {
			e.input(b)
		}
		said, _ := e.line.out.take()
		require.LessOrEqual(t, len(said.text), unsent)
	})
}
