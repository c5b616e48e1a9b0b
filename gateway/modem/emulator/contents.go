package emulator

import (
	"slices"
	"strings"
)

// State is what a modem holds, for people and tests.
type State struct {
	Plugged bool     `json:"plugged"`
	Waiting int      `json:"waiting"` // Parts that the network holds for the SIM.
	Faults  []string `json:"faults,omitempty"`

	Memories []MemoryState `json:"memories"`
}

// MemoryState is how full a memory is.
type MemoryState struct {
	Name     string `json:"name"`
	Used     int    `json:"used"`
	Capacity int    `json:"capacity"`
}

// State tells what the modem holds.
func (e *Emulator) State() State {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := State{Plugged: e.line != nil, Waiting: e.held()}
	for _, t := range e.trouble {
		s.Faults = append(s.Faults, t.String())
	}
	slices.SortFunc(s.Faults, strings.Compare)
	for _, m := range e.memories {
		s.Memories = append(s.Memories, MemoryState{m.name, m.used(), m.capacity()})
	}
	return s
}
