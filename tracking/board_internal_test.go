package tracking

import (
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but name

// readNow takes what there is, without waiting.
func readNow(s *Subscription) []Position {
	select {
	case <-s.wake:
		return s.take()
	default:
		return nil
	}
}

// A reader that comes and goes, and resumes where it was, ends up knowing what one
// knows that has read everything: the newest of each.
func TestReaderKnowsTheNewestOfEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hub := newHub(1_000)
		reader := hub.Subscribe(Filter{})
		knows := make(map[string]time.Time) // by device
		read := func() {
			for _, p := range readNow(reader) {
				if before, ok := knows[p.Device]; ok && p.Fix.Time.Before(before) {
					t.Fatalf("%s went back in time", p.Device)
				}
				knows[p.Device] = p.Fix.Time
			}
		}
		newest := make(map[string]time.Time)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				read()
			case 1:
				cursor := reader.Cursor()
				reader.Close()
				var ok bool
				reader, ok = hub.Resume(Filter{}, cursor)
				if !ok {
					t.Fatal("the hub has forgotten")
				}
			default:
				device := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "device"))
				at := epoch.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "time")) * time.Second)
				if before, ok := newest[device]; !ok || at.After(before) {
					newest[device] = at
				}
				hub.tell([]Position{{Device: device, Fix: NewFix(at, orb.Point{})}}, rapid.Bool().Draw(t, "repeated"))
			}
		}
		read()
		require.Equal(t, newest, knows)
		require.Empty(t, readNow(reader))
	})
}

// The list, the maps and the count stay in line, whatever devices do.
func TestBoardHoldsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := newBoard(4)
		for range rapid.IntRange(1, 80).Draw(t, "positions") {
			p := Position{
				Device:  fmt.Sprint("d", rapid.IntRange(0, 6).Draw(t, "device")),
				Vehicle: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "vehicle"),
				Fix:     NewFix(epoch.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "time"))*time.Second), orb.Point{}),
			}
			b.put(&p, false)
			listed := make(map[*entry]bool)
			var last uint64
			for e := b.oldest; e != nil; e = e.after {
				require.Greater(t, e.sequence, last)
				last = e.sequence
				listed[e] = true
			}
			require.Len(t, listed, b.size)
			require.LessOrEqual(t, b.size, 4)
			for uid, e := range b.devices {
				require.True(t, listed[e], uid)
				require.Equal(t, uid, e.position.Device)
			}
			for uid, e := range b.vehicles {
				require.True(t, listed[e], uid)
				require.Equal(t, uid, e.position.Vehicle)
			}
			for e := range listed {
				require.True(t, b.devices[e.position.Device] == e || b.vehicles[e.position.Vehicle] == e, "nothing lies about")
			}
		}
	})
}

func TestResumeIsRefused(t *testing.T) {
	t.Parallel()
	hub := newHub(2)
	s := hub.Subscribe(Filter{})
	start := s.Cursor()
	s.Close()
	for i := range 3 {
		hub.Publish([]Position{{Device: fmt.Sprint(i), Fix: NewFix(epoch, orb.Point{})}})
	}
	_, ok := hub.Resume(Filter{}, start)
	require.False(t, ok, "it came before what had to go")
	_, ok = newHub(2).Resume(Filter{}, start)
	require.False(t, ok, "it is of another hub")
	_, ok = hub.Resume(Filter{}, Cursor{Hub: hub.id, Sequence: 4})
	require.False(t, ok, "it has not been yet")
	resumed, ok := hub.Resume(Filter{}, Cursor{Hub: hub.id, Sequence: 2})
	require.True(t, ok)
	positions, err := resumed.Next(t.Context())
	require.NoError(t, err)
	require.Len(t, positions, 1)
	require.Equal(t, "2", positions[0].Device)
}
