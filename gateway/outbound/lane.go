package outbound

import "time"

// lane is one modem as the dispatcher sees it. The dispatcher's mutex guards it.
type lane struct {
	busy     bool
	free     time.Time // It may not have a part before.
	failures int       // Refusals of its own in a row.
}

// rest has it pause after a part: for the gap, counted from when the modem was done, so that what reaches the network is
// never closer; longer after a failure that is the modem's own or its network's, and longer with each.
func (l *lane) rest(now time.Time, gap time.Duration, v verdict, cfg Settings) {
	l.busy = false
	pause := gap
	if v.tired {
		pause = max(gap, min(cfg.Rest<<min(l.failures, 10), cfg.RestMost))
		l.failures++
	} else {
		l.failures = 0
	}
	l.free = now.Add(pause)
}
