package emulator

// draft is a message that was written here and sent long ago, as nobody ever deletes: "hellohello" to 46708251358.
const draft = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"

// fill puts a sent message into each free place, with mu held.
func (e *Emulator) fill() {
	for _, m := range e.memories {
		for {
			if _, ok := m.put(entry{status: storedSent, pdu: draft, length: len(draft)/2 - 1, filler: true}); !ok {
				break
			}
		}
	}
}

// unfill takes what fill put there.
func (e *Emulator) unfill() {
	for _, m := range e.memories {
		for i, p := range m.places {
			if p != nil && p.filler {
				m.places[i] = nil
			}
		}
	}
}
