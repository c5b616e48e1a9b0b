package modem_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/profile"
	"waybill/gateway/modem/sms"
)

func TestModemsOfEveryMakeAreReadAndSendThrough(t *testing.T) {
	t.Parallel()
	for _, made := range profile.All() {
		t.Run(made.Name, func(t *testing.T) {
			t.Parallel()
			sent := make(chan emulator.Submission, 9)
			made.Interval /= 50
			r := start(t, emulator.Config{Profile: made, PIN: "4711", Sent: func(s emulator.Submission) { sent <- s }}, nil)
			becomes(t, "ready", r.state(modem.Ready))
			want := map[string]bool{}
			for i := range 2 * made.Memories[0].Capacity {
				text := fmt.Sprintf("text %d", i)
				want[text] = true
				require.NoError(t, r.sim.Inject("+8613800138000", text, time.Unix(1_700_000_000+int64(i), 0)))
			}
			for len(want) > 0 {
				delete(want, r.in.next(t).Body)
			}
			becomes(t, "empty", r.empty)
			require.Empty(t, r.in.texts, "each came once")
			parts, err := sms.Split("+8613800138009", "where?", sms.Terms{})
			require.NoError(t, err)
			_, err = r.Submit(t.Context(), parts[0])
			require.NoError(t, err)
			require.Equal(t, "where?", (<-sent).Text)
			require.Equal(t, made.Model, r.Status().Model)
		})
	}
}

// TestHarassedModemsLoseNothing is a short soak of the emulator and the session together: whatever goes wrong, each text
// comes, and in the end nothing is left.
func TestHarassedModemsLoseNothing(t *testing.T) {
	t.Parallel()
	for seed, made := range []profile.Profile{profile.Plain(), profile.Huawei(), profile.Cinterion()} {
		t.Run(made.Name, func(t *testing.T) {
			t.Parallel()
			r := start(t, emulator.Config{Profile: made}, func(c *modem.Config) {
				c.SweepInterval = 200 * time.Millisecond
			})
			// Without those after which an answer is waited for as long as a slow SIM may take.
			draw := fault.NewDrawer(uint64(seed), fault.Indication, fault.Unplug, fault.Reenumerate, fault.SIMFull, //nolint:gosec // A small number.
				fault.SIMBusy, fault.KeepDeleted, fault.NoNetwork, fault.Signal)
			draw.Longest = 200 * time.Millisecond
			want := map[string]bool{}
			for i := range 60 {
				text := fmt.Sprintf("text %d", i)
				want[text] = true
				require.NoError(t, r.sim.Inject("+8613800138000", text, time.Unix(1_700_000_000+int64(i), 0)))
				if i%3 == 0 {
					require.NoError(t, r.sim.Break(draw.Draw()))
				}
				if i%3 == 1 && len(want) > 1 {
					delete(want, r.in.next(t).Body)
				}
			}
			require.NoError(t, r.sim.Heal())
			for len(want) > 0 {
				delete(want, r.in.next(t).Body)
			}
			becomes(t, "empty", r.empty)
		})
	}
}
