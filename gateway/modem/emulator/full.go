package emulator

// draft is a message that was written here and sent long ago, as nobody ever deletes: "hellohello" to 46708251358.
const draft = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"

// fill puts a sent message into each free place, with mu held.
func (e *Emulator) fill() {
	for _, b := range e.banks() {
		for ok := true; ok; {
			_, ok = b.put(entry{status: storedSent, pdu: draft, length: len(draft)/2 - 1, filler: true})
		}
	}
	for _, m := range e.memories {
		if m.capacity() > 0 {
			e.tellFull(m.name)
		}
	}
}

// unfill takes what fill put there.
func (e *Emulator) unfill() {
	for _, b := range e.banks() {
		for i, p := range b.places {
			if p != nil && p.filler {
				b.places[i] = nil
			}
		}
	}
}

// banks are those that messages come into.
func (e *Emulator) banks() []*bank {
	if e.sim == nil {
		return []*bank{e.equipment}
	}
	return []*bank{e.sim.bank, e.equipment}
}
