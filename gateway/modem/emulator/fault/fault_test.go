package fault_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/emulator/fault"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]fault.Fault{
		"hang":                               {Kind: fault.Hang},
		"hang,for=5s,end=reset":              {Kind: fault.Hang, For: 5 * time.Second, End: fault.EndReset},
		"send-error,code=42,rate=0.1,seed=7": {Kind: fault.SendError, Code: 42, Rate: 0.1, Seed: 7},
		"send-error":                         {Kind: fault.SendError, Code: 500},
		"keep-deleted,next=3":                {Kind: fault.KeepDeleted, Next: 3},
		"garbage,seed=1":                     {Kind: fault.Garbage, Size: 64, Seed: 1},
		"slow,delay=1s":                      {Kind: fault.Slow, Delay: time.Second},
		`indication,text=+CMTI: "SM",3`:      {Kind: fault.Indication, Text: `+CMTI: "SM",3`},
		"no-network,code=3,for=1m":           {Kind: fault.NoNetwork, Code: 3, For: time.Minute},
	} {
		got, err := fault.Parse(written)
		require.NoError(t, err, written)
		require.Equal(t, want, got, written)
	}
	for _, wrong := range []string{
		"", "fire", "hang,code=1", "hang,for=x", "hang,end=never", "send-error,rate=2", "send-error,rate=NaN", "garbage,size=-1",
		"keep-deleted,next=-1", "hang,for=-1s", "unplug,for=100h", "hang,", "restart,for=1s",
	} {
		_, err := fault.Parse(wrong)
		require.Error(t, err, wrong)
	}
	_, err := fault.Parse("fire")
	require.ErrorContains(t, err, "re-enumerate", "says what there is")
	_, err = fault.Parse("hang,code=1")
	require.ErrorContains(t, err, "it takes for, end")
}

func TestDrawsAreTheSameAgainAndEndByThemselves(t *testing.T) {
	t.Parallel()
	one, two, other := fault.NewDrawer(7), fault.NewDrawer(7), fault.NewDrawer(8)
	drawn := map[fault.Kind]bool{}
	same := 0
	for range 500 {
		f := one.Draw()
		require.Equal(t, f, two.Draw())
		if f == other.Draw() {
			same++
		}
		drawn[f.Kind] = true
		read, err := fault.Parse(f.String())
		require.NoError(t, err, f.String())
		require.Equal(t, f, read)
		switch f.Kind {
		case fault.Garbage, fault.Restart:
		default:
			require.True(t, f.For > 0 || f.Next > 0, "%s ends", f)
		}
		require.LessOrEqual(t, f.For, 4*time.Second)
	}
	require.Len(t, drawn, len(fault.Passing()))
	require.Less(t, same, 50)
	require.Equal(t, fault.Hang, fault.NewDrawer(1, fault.Hang).Draw().Kind)
}

func TestKindsAreDescribed(t *testing.T) {
	t.Parallel()
	known := map[fault.Kind]bool{}
	for _, k := range fault.Kinds() {
		require.NotEmpty(t, k.Help, k.Kind)
		known[k.Kind] = true
	}
	for _, k := range fault.Passing() {
		require.True(t, known[k], k)
	}
}

func TestFaultTravelsInJSON(t *testing.T) {
	t.Parallel()
	sent := fault.Fault{Kind: fault.Hang, For: time.Second}
	text, err := json.Marshal(sent)
	require.NoError(t, err)
	require.JSONEq(t, `"hang,for=1s"`, string(text))
	var got fault.Fault
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, sent, got)
	require.Error(t, json.Unmarshal([]byte(`"fire"`), &got))
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"hang,for=5s,end=reset", "send-error,code=42,rate=0.1,seed=7", "indication,text=a,b=c", "garbage,size=9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		one, err := fault.Parse(written)
		if err != nil {
			return
		}
		two, err := fault.Parse(one.String())
		require.NoError(t, err)
		require.Equal(t, one, two)
	})
}
