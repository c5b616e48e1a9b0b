package watch

import (
	"cmp"
	"fmt"
	"time"

	"waybill/gateway/modem"
)

// Limits say from when on a condition holds, and from when on it is over: apart, so that one that hovers at its limit is
// told once. The zero value of each means its default.
type Limits struct {
	FullAt    float64 // Percent of a memory: 80.
	FullUntil float64 // 60.
	WeakAt    int     // dBm: -105.
	WeakUntil int     // -101.

	WeakFor         time.Duration // How long a signal has to be weak: 3 min.
	UnregisteredFor time.Duration // How long the network may be lost: 2 min.
	UnpluggedFor    time.Duration // How long a port may be away, as it is when a stick restarts: 15 s.
	StuckFor        time.Duration // How long a modem may take to get ready: 2 min.
	HangUntil       time.Duration // How long it has to do without a reset: 10 min.
}

func (l Limits) withDefaults() Limits {
	return Limits{
		FullAt: cmp.Or(l.FullAt, 80), FullUntil: cmp.Or(l.FullUntil, cmp.Or(l.FullAt, 80)*3/4),
		WeakAt: cmp.Or(l.WeakAt, -105), WeakUntil: cmp.Or(l.WeakUntil, cmp.Or(l.WeakAt, -105)+4),
		WeakFor: cmp.Or(l.WeakFor, 3*time.Minute), UnregisteredFor: cmp.Or(l.UnregisteredFor, 2*time.Minute),
		UnpluggedFor: cmp.Or(l.UnpluggedFor, 15*time.Second), StuckFor: cmp.Or(l.StuckFor, 2*time.Minute), HangUntil: cmp.Or(l.HangUntil, 10*time.Minute),
	}
}

// finding is what is found of a condition in a status.
type finding struct {
	verdict verdict
	value   float64
	detail  string
}

type verdict uint8

const (
	unknown verdict = iota // The modem can't tell now: what held goes on.
	over
	holds
)

func found(is bool, value float64, detail string) finding {
	if is {
		return finding{holds, value, detail}
	}
	return finding{verdict: over}
}

// find looks for a condition that holds already, or not. Times that a condition has to last are not looked at, but for
// those that the status knows.
func (l *Limits) find(c Condition, s *modem.Status, held bool, now time.Time) finding {
	ready := s.State == modem.Ready
	if s.State == modem.Closed {
		return finding{}
	}
	switch c {
	case MemoryNearlyFull:
		return l.full(s, held)
	case WeakSignal:
		if !ready || s.Signal == 0 {
			return finding{}
		}
		limit := l.WeakAt
		if held {
			limit = l.WeakUntil
		}
		return found(s.Signal <= limit, float64(s.Signal), fmt.Sprintf("the signal is %d dBm", s.Signal))
	case NotRegistered:
		if !ready {
			return finding{}
		}
		lost := now.Sub(s.Lost)
		return found(!s.Lost.IsZero() && lost >= l.UnregisteredFor, lost.Seconds(), "the network does not have it: "+string(s.Registration))
	case Hanging:
		return l.hanging(s, now)
	case PINRefused:
		return lasting(s, modem.PINRefused)
	case SIMMissing:
		return lasting(s, modem.SIMMissing)
	case Unplugged:
		return found(s.State == modem.Unplugged && now.Sub(s.Since) >= l.UnpluggedFor, 0, "there is no port at "+s.Path)
	}
	return finding{}
}

// full looks at the fullest memory. A modem that is away keeps what it holds.
func (l *Limits) full(s *modem.Status, held bool) finding {
	if len(s.Memories) == 0 || s.State == modem.Unplugged {
		return finding{}
	}
	limit := l.FullAt
	if held {
		limit = l.FullUntil
	}
	most := finding{verdict: over}
	for _, m := range s.Memories {
		if m.Total <= 0 {
			continue
		}
		percent := 100 * float64(m.Used) / float64(m.Total)
		if percent >= limit && percent > most.value {
			most = found(true, percent, fmt.Sprintf("%s holds %d of %d messages: a full memory receives nothing", m.Memory, m.Used, m.Total))
		}
	}
	return most
}

func (l *Limits) hanging(s *modem.Status, now time.Time) finding {
	switch s.State {
	case modem.Unplugged, modem.PINRefused, modem.SIMMissing, modem.Double:
		return finding{verdict: over} // That is told by its own name.
	case modem.Opening, modem.Initialising:
		if now.Sub(s.Since) >= l.StuckFor {
			return found(true, 0, "it does not get ready: "+s.LastError)
		}
	case modem.Ready, modem.Closed:
	}
	recent := !s.LastHangTime.IsZero() && now.Sub(s.LastHangTime) < l.HangUntil
	return found(recent, 0, fmt.Sprintf("it did not answer as it should and was reset (%s): %s", s.LastReset, s.LastError))
}

// lasting is a condition that is a state, and is over when the modem is ready, or away.
func lasting(s *modem.Status, state modem.State) finding {
	switch s.State {
	case state:
		return found(true, 0, s.LastError)
	case modem.Opening, modem.Initialising, modem.Closed:
		return finding{}
	case modem.Ready, modem.PINRefused, modem.SIMMissing, modem.Unplugged, modem.Double:
	}
	return finding{verdict: over}
}

// patience is how long a condition that the status has no time of has to hold before it is told.
func (l *Limits) patience(c Condition) time.Duration {
	if c == WeakSignal {
		return l.WeakFor
	}
	return 0
}
