package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/profile"
)

func TestProfilesSayWhatTheirMakersDo(t *testing.T) {
	t.Parallel()
	for _, made := range profile.All() {
		t.Run(made.Name, func(t *testing.T) {
			t.Parallel()
			named, err := profile.Named(made.Name)
			require.NoError(t, err)
			named.Interval = 5 * time.Millisecond
			e, path := plugged(t, emulator.Config{Profile: named})
			client := engine(t, path)
			do(t, client, "E0", "+CMEE=1")
			require.Equal(t, "+CNMI: "+strings.Join(made.Offers[:], ","), first(t, client, "+CNMI=?", "+CNMI:"))
			for _, m := range made.Memories {
				require.Contains(t, first(t, client, "+CPMS=?", "+CPMS:"), `"`+m.Name+`"`)
				require.Contains(t, first(t, client, `+CPMS="`+m.Name+`"`, "+CPMS:"), "0,")
			}
			fails(t, client, `+CPMS="XX"`, "+CMS ERROR: 302")
			if made.Temperature != "" {
				prefix, _, _ := strings.Cut(made.Degrees, ":")
				require.Equal(t, made.Degrees, first(t, client, made.Temperature, prefix+":"))
			}
			if made.LongLine > 0 {
				fails(t, client, strings.Repeat("+CMEE=1;", 30)+"+CMEE=1", "ERROR")
			}

			do(t, client, `+CPMS="SM"`)
			_, err = client.Do(t.Context(), at.Set("+CMGR=3"))
			if made.EmptySlot == "" {
				require.ErrorContains(t, err, "321")
			} else {
				require.NoError(t, err)
			}
			if made.Full != "" {
				require.NoError(t, e.Break(fault.Fault{Kind: fault.SIMFull}))
				code, _, _ := strings.Cut(made.Full, ":")
				hears(t, client, code)
			}
			if len(made.Banner) > 0 && !made.Leaves {
				require.NoError(t, e.Break(fault.Fault{Kind: fault.Restart}))
				code, _, _ := strings.Cut(made.Banner[0], "{")
				hears(t, client, code)
			}
			if len(made.Chatter) > 0 {
				hears(t, client, "^RSSI")
				hears(t, client, "^MODE")
			}
		})
	}
	_, err := profile.Named("nokia")
	require.ErrorContains(t, err, "cinterion")
}

func TestResetTakesAStickOffTheBus(t *testing.T) {
	t.Parallel()
	e, path := plugged(t, emulator.Config{Profile: profile.Huawei()})
	client := engine(t, path)
	do(t, client, "E0", "+CFUN=1,1")
	for range client.Unsolicited() { // It ends with the stream.
	}
	require.Eventually(t, func() bool { return e.Path() == path }, patience, time.Millisecond, "nothing signals it")
	do(t, engine(t, path), "")
}

func TestMemoryThatShowsTwo(t *testing.T) {
	t.Parallel()
	made := profile.Cinterion()
	made.Memories = []profile.Memory{{Name: "ME", Capacity: 2, First: 1}, {Name: "SM", Capacity: 2, First: 1}, {Name: "MT", First: 1}}
	e, path := plugged(t, emulator.Config{Profile: made})
	client := engine(t, path)
	do(t, client, "E0", "+CMEE=1", `+CPMS="MT","MT","MT"`, "+CNMI=2,1")
	inject(t, e, 5)
	hears(t, client, `+CMTI: "MT",4`)
	require.Equal(t, 4, e.Stored("MT"))
	require.Equal(t, 2, e.Stored("SM"))
	require.Equal(t, 2, e.Stored("ME"))
	require.Equal(t, 1, e.Waiting())
	hears(t, client, "^SMGO")
	do(t, client, "+CMGD=4")
	hears(t, client, `+CMTI: "MT",4`)
	fails(t, client, "+CMGD=5", "321")
}
