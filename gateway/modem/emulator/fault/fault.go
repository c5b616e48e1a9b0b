// Package fault names what can go wrong with an emulated modem: in words that a person can type, a process can be sent,
// and a soak test can draw by a seed.
//
// A fault is written as its kind with settings behind it: `hang,for=5s,end=reset`, `send-error,code=42,rate=0.1,seed=7`.
package fault

import "time"

// Kind is what goes wrong.
type Kind string

// The kinds. Those of answers and of sending happen to each occasion, or to some by Next and Rate; the others hold until
// Heal, or for a time.
const (
	Indication    Kind = "indication"    // A code nobody asked for comes between two lines of an answer.
	TornLine      Kind = "torn-line"     // It comes in the middle of a line, at any byte.
	Slow          Kind = "slow"          // Answers come late.
	Garbage       Kind = "garbage"       // Bytes without any sense are on the line, once.
	Hang          Kind = "hang"          // The modem says nothing and hears nothing.
	Restart       Kind = "restart"       // The modem restarts by itself, and says so where its maker has it say so.
	Unplug        Kind = "unplug"        // It is pulled out: who has its port open gets a hang-up.
	Plug          Kind = "plug"          // It is put in again.
	Reenumerate   Kind = "re-enumerate"  // It leaves the bus and comes again under another name; the stable link follows.
	SIMFull       Kind = "sim-full"      // Sent messages fill each memory, so that nothing can come in.
	KeepDeleted   Kind = "keep-deleted"  // A deletion says OK and does nothing.
	NoNetwork     Kind = "no-network"    // The registration is lost.
	Signal        Kind = "signal"        // The signal is what Code says.
	SendError     Kind = "send-error"    // Sending ends with a +CMS ERROR; the message is not sent.
	SendSilence   Kind = "send-silence"  // The message is sent, and the modem never says so.
	LostReport    Kind = "lost-report"   // The report of a delivery never comes.
	Undeliverable Kind = "undeliverable" // A message is taken, and can't be delivered: its report says so.
	SIMBusy       Kind = "sim-busy"      // What asks the SIM ends with +CMS ERROR: 314 or +CME ERROR: 14.
	Heal          Kind = "heal"          // Everything that holds is over, and the modem is plugged in.
)

// End is what ends a hang before its time.
type End string

// The ends.
const (
	EndReset  End = "reset"  // AT+CFUN, which the hung modem hears alone.
	EndReopen End = "reopen" // That its port is opened anew.
)

// Fault is one thing that goes wrong. Settings that its kind doesn't take are zero.
type Fault struct {
	Kind Kind

	For  time.Duration // How long it lasts; 0 until Heal.
	Next int           // It happens to the next occasions, so many, and is over; 0 for all.
	Rate float64       // The share of occasions that it happens to, above 0 to 1; 0 for all.
	Seed uint64        // Decides which, and where: the same seed makes the same faults.

	Code  int           // Of SendError (500), Undeliverable (the report's TP-Status, 70), NoNetwork (what CREG says), Signal (what CSQ says).
	Size  int           // Of Garbage, in bytes (64).
	Delay time.Duration // Of Slow (2 s).
	End   End           // Of Hang: what ends it before its time.
	Text  string        // Of Indication and TornLine: the code. By default +CMTI where CNMI asks for it, else RING.
}

// withDefaults fills in what the kind needs.
func (f Fault) withDefaults() Fault {
	def := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	switch f.Kind {
	case SendError:
		def(&f.Code, 500)
	case Undeliverable:
		def(&f.Code, 0x46) // Validity period expired (3GPP TS 23.040, 9.2.3.15).
	case Garbage:
		def(&f.Size, 64)
	case Slow:
		if f.Delay == 0 {
			f.Delay = 2 * time.Second
		}
	default:
	}
	return f
}
