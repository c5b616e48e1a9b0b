package fault

import (
	"math/rand/v2"
	"time"
)

// Drawer draws faults by a seed, one after the other: the same seed gives the same faults. Each of them ends by itself.
// One goroutine may use it at a time.
type Drawer struct {
	// Longest is how long a fault that has a length lasts at most: 4 s.
	Longest time.Duration

	random *rand.Rand
	from   []Kind
}

// NewDrawer draws from the kinds, or from all that Passing lists when none is given.
func NewDrawer(seed uint64, kinds ...Kind) *Drawer {
	if len(kinds) == 0 {
		kinds = Passing()
	}
	return &Drawer{
		Longest: 4 * time.Second, from: kinds,
		random: rand.New(rand.NewPCG(seed, 0x5eed)), //nolint:gosec // Faults are to be the same again, not unguessable.
	}
}

// Passing lists the kinds that a modem recovers from without a hand.
func Passing() []Kind {
	return []Kind{
		Indication, TornLine, Slow, Garbage, Hang, Restart, Unplug, Reenumerate, SIMFull, SIMBusy, KeepDeleted, NoNetwork,
		SendError, SendSilence, LostReport, Undeliverable,
	}
}

// Draw gives the next fault.
func (d *Drawer) Draw() Fault {
	f := Fault{Kind: d.from[d.random.IntN(len(d.from))], Seed: d.random.Uint64()}
	// Drawn whether it is used or not, so that what follows doesn't depend on the kind.
	length := time.Duration(float64(d.Longest) * (0.1 + 0.9*d.random.Float64())).Round(time.Millisecond)
	few, choice := 1+d.random.IntN(5), d.random.IntN(3)
	switch f.Kind {
	case Hang:
		f.For, f.End = length, []End{"", EndReset, EndReopen}[choice]
		f.Seed = 0
	case Unplug, Reenumerate, SIMFull:
		f.For, f.Seed = length, 0
	case NoNetwork:
		f.For, f.Code, f.Seed = length, []int{0, 2, 3}[choice], 0
	case Signal:
		f.For, f.Code, f.Seed = length, []int{2, 31, 99}[choice], 0
	case Slow:
		f.For, f.Delay = d.Longest, (length / 4).Round(time.Millisecond)
	case SIMBusy, KeepDeleted, Indication, TornLine, LostReport, Undeliverable:
		f.Next = few
	case SendError:
		f.Next, f.Code = few, []int{500, 38, 42}[choice]
	case SendSilence:
		f.Next = 1
	case Restart, Plug, Heal:
		f.Seed = 0
	case Garbage:
		f.Size = 1 << (2 * few)
	}
	return f.withDefaults()
}
