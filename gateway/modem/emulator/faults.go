package emulator

// Faults are conditions that hold until they are changed. The zero value but for Signal and Registered is a healthy one.
// What ends by itself, or happens sometimes, is a fault.Fault: see Break.
type Faults struct {
	Hang        bool // Says nothing, hears nothing.
	KeepDeleted bool // CMGD says OK and does nothing.
	SendError   int  // CMGS ends with this +CMS ERROR code; 0 sends.
	Registered  bool // Whether there is a network.
	Signal      int  // What CSQ says: 0 to 31, or 99 for unknown.
}

func healthy() Faults { return Faults{Signal: 20, Registered: true} }

// SetFaults changes the conditions by a function that gets the present ones.
func (e *Emulator) SetFaults(change func(*Faults)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changing(func() { change(&e.faults) })
}

// Say puts raw text on the line, as a modem's maker may have it: an unsolicited code, or garbage.
func (e *Emulator) Say(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.say(text)
}
