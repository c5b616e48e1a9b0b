package emulator

// Statuses of a stored message in PDU mode.
const (
	unread = iota
	alreadyRead
	storedUnsent
	storedSent
)

// entry is a message in a place of a memory.
type entry struct {
	status int
	pdu    string // Upper-case hexadecimal with the service centre's address.
	length int    // Of the TPDU alone, in octets.
	filler bool   // Put there to fill the memory.
}

// bank is a row of places: the SIM's, the modem's, or that of status reports.
type bank struct {
	places []*entry // Nil where empty.
}

func newBank(capacity int) *bank { return &bank{make([]*entry, capacity)} }

func (b *bank) used() int {
	n := 0
	for _, p := range b.places {
		if p != nil {
			n++
		}
	}
	return n
}

// put stores in the first empty place, and gives its number from 0.
func (b *bank) put(e entry) (int, bool) {
	for i, p := range b.places {
		if p == nil {
			b.places[i] = &e
			return i, true
		}
	}
	return 0, false
}

// memory is what clients know by a name: one bank, or several behind each other as one.
type memory struct {
	name  string
	first int // The index of the first place.
	banks []*bank
}

// layout gives the memories that the modem has at present: with another SIM they are others.
func (e *Emulator) layout() []*memory {
	sim := newBank(0)
	if e.sim != nil {
		sim = e.sim.bank
	}
	memories := make([]*memory, len(e.cfg.Memories))
	for i, m := range e.cfg.Memories {
		banks := []*bank{sim, e.equipment}
		switch m.Name {
		case "SM":
			banks = banks[:1]
		case "ME":
			banks = banks[1:]
		case "SR":
			banks = []*bank{e.reports}
		case "ME_P":
			banks[0], banks[1] = banks[1], banks[0]
		}
		memories[i] = &memory{m.Name, m.First, banks}
	}
	return memories
}

func (m *memory) used() int {
	n := 0
	for _, b := range m.banks {
		n += b.used()
	}
	return n
}

func (m *memory) capacity() int {
	n := 0
	for _, b := range m.banks {
		n += len(b.places)
	}
	return n
}

// at gives the place of an index, or nil when there is none.
func (m *memory) at(index int) **entry {
	i := index - m.first
	for _, b := range m.banks {
		if i >= 0 && i < len(b.places) {
			return &b.places[i]
		}
		i -= len(b.places)
	}
	return nil
}

// put stores in the first empty place and gives its index.
func (m *memory) put(e entry) (int, bool) {
	before := m.first
	for _, b := range m.banks {
		if i, ok := b.put(e); ok {
			return before + i, true
		}
		before += len(b.places)
	}
	return 0, false
}

// each calls visit for every message with its index.
func (m *memory) each(visit func(index int, place **entry)) {
	index := m.first
	for _, b := range m.banks {
		for i := range b.places {
			if b.places[i] != nil {
				visit(index, &b.places[i])
			}
			index++
		}
	}
}

// someIndex is that of a message that is there, or else of the first place.
func (m *memory) someIndex() int {
	some := m.first - 1
	m.each(func(index int, _ **entry) {
		if some < m.first {
			some = index
		}
	})
	return max(some, m.first)
}

// Stored counts what is in a memory; 0 for one that the modem doesn't have.
func (e *Emulator) Stored(name string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if m := e.memory(name); m != nil {
		return m.used()
	}
	return 0
}

func (e *Emulator) memory(name string) *memory {
	for _, m := range e.memories {
		if m.name == name {
			return m
		}
	}
	return nil
}
