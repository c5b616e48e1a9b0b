package emulator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"waybill/gateway/modem/emulator/fault"
)

// trouble is a fault that holds.
type trouble struct {
	fault.Fault
	left   int // How many occasions it still happens to; -1 for all.
	random *rand.Rand
}

// Break makes the fault happen from now on; another one of its kind that holds is over. What happens at once (garbage,
// being unplugged) has happened when it returns.
func (e *Emulator) Break(f fault.Fault) error {
	f, err := fault.Parse(f.String()) // Checked, and with its defaults.
	if err != nil {
		return err
	}
	e.cfg.Logger.Info("fault", "fault", f.String())
	switch f.Kind {
	case fault.Heal:
		return e.Heal()
	case fault.Plug:
		return e.Plug()
	case fault.Reenumerate:
		return e.Reenumerate(f.For)
	case fault.Unplug:
		if err := e.Unplug(); err != nil {
			return err
		}
		if f.For > 0 {
			e.agenda.after(f.For, func() {
				if err := e.Plug(); err != nil {
					e.cfg.Logger.Warn("the emulated modem could not be plugged in again", "error", err)
				}
			})
		}
		return nil
	case fault.Restart:
		e.mu.Lock()
		defer e.mu.Unlock()
		e.restart()
		return nil
	case fault.Garbage:
		e.mu.Lock()
		defer e.mu.Unlock()
		e.say(garbage(random(f.Seed), f.Size))
		return nil
	default:
		e.hold(f)
		return nil
	}
}

// hold makes a fault hold, for its time.
func (e *Emulator) hold(f fault.Fault) {
	t := &trouble{Fault: f, left: -1, random: random(f.Seed)}
	if f.Next > 0 {
		t.left = f.Next
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changing(func() {
		e.over(f.Kind)
		e.trouble[f.Kind] = t
		if f.Kind == fault.SIMFull {
			e.fill()
		}
	})
	if f.For > 0 {
		e.agenda.after(f.For, func() { e.ended(t) })
	}
}

// ended ends a fault unless another one of its kind has taken its place.
func (e *Emulator) ended(t *trouble) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.trouble[t.Kind] == t {
		e.changing(func() { e.over(t.Kind) })
	}
}

// Heal ends every fault and plugs the modem in.
func (e *Emulator) Heal() error {
	e.mu.Lock()
	e.changing(func() {
		for kind := range e.trouble {
			e.over(kind)
		}
		e.faults = healthy()
	})
	e.mu.Unlock()
	return e.Plug()
}

// Harass breaks the modem every so often, with the fault drawn next, until the context ends; then it heals it.
func (e *Emulator) Harass(ctx context.Context, every time.Duration, from *fault.Drawer) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return e.Heal()
		case <-tick.C:
		}
		f := from.Draw()
		if err := e.Break(f); err != nil {
			return fmt.Errorf("break the emulated modem by %s: %w", f, err)
		}
	}
}

// changing does what may change what is heard and seen of the modem, with mu held.
func (e *Emulator) changing(change func()) {
	before := e.status()
	change()
	if e.line != nil {
		e.line.out.mute(e.hung())
	}
	if after := e.status(); after != before {
		e.announceStatus(after)
	}
	e.deliverWaiting()
}

// over ends a fault of the kind, with mu held.
func (e *Emulator) over(kind fault.Kind) {
	delete(e.trouble, kind)
	if kind == fault.SIMFull {
		e.unfill()
	}
}

// happens tells whether a fault happens on this occasion, with mu held.
func (e *Emulator) happens(kind fault.Kind) (*trouble, bool) {
	t, holds := e.trouble[kind]
	if !holds || t.Rate > 0 && t.random.Float64() >= t.Rate {
		return nil, false
	}
	if t.left > 0 {
		if t.left--; t.left == 0 {
			e.over(kind)
		}
	}
	return t, true
}

// hung tells whether the modem says and hears nothing.
func (e *Emulator) hung() bool { return e.faults.Hang || e.trouble[fault.Hang] != nil }

// opened is told of clients that open the terminal.
func (e *Emulator) opened() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t := e.trouble[fault.Hang]; t != nil && t.End == fault.EndReopen {
		e.changing(func() { e.over(fault.Hang) })
	}
}

// awake ends what no modem keeps through being switched off.
func (e *Emulator) awake() {
	e.changing(func() { e.over(fault.Hang) })
}

func random(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0xfa17)) //nolint:gosec // Faults are to be the same again, not unguessable.
}
