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

// memory is a row of places.
type memory struct {
	Memory
	places []*entry // Nil where empty.
}

func newMemory(m Memory) *memory {
	return &memory{Memory: m, places: make([]*entry, m.Capacity)}
}

func (m *memory) used() int {
	n := 0
	for _, p := range m.places {
		if p != nil {
			n++
		}
	}
	return n
}

// at gives the place of an index, or nil when there is none.
func (m *memory) at(index int) **entry {
	i := index - m.First
	if i < 0 || i >= len(m.places) {
		return nil
	}
	return &m.places[i]
}

// someIndex is that of a message that is there, or else of the first place.
func (m *memory) someIndex() int {
	for i, p := range m.places {
		if p != nil {
			return i + m.First
		}
	}
	return m.First
}

// put stores in the first empty place and gives its index.
func (m *memory) put(e entry) (int, bool) {
	for i, p := range m.places {
		if p == nil {
			m.places[i] = &e
			return i + m.First, true
		}
	}
	return 0, false
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
		if m.Name == name {
			return m
		}
	}
	return nil
}
