package emulator

import "time"

// leastInterval keeps a profile from saying nothing else.
const leastInterval = time.Millisecond

// chatter has the modem say what its maker has it say by itself, from the turn on, as long as it is on this terminal.
func (e *Emulator) chatter(line *terminal, turn int) {
	all := e.cfg.Profile.Chatter
	if len(all) == 0 {
		return
	}
	e.agenda.after(max(e.cfg.Profile.Interval, leastInterval), func() {
		e.mu.Lock()
		here := e.line == line
		if here && !e.state.quiet && line.out.empty() { // Else nobody listens.
			e.indicateLine(all[turn%len(all)])
		}
		e.mu.Unlock()
		if here {
			e.chatter(line, turn+1)
		}
	})
}
