package outbound

import (
	"context"
	"time"

	"waybill/gateway/modem/sms"
)

// Queue is what a [Dispatcher] takes texts from. Every change is fenced by the text's version. Its methods return
// [tracking.ErrUnavailable] when the store is away.
type Queue interface {
	// Claim takes the text whose turn it is and marks it as being sent. It reports false when there is none for this modem.
	Claim(ctx context.Context, by Claimant, now time.Time) (Text, bool, error)
	// Settle notes what became of the part in hand. It returns [ErrOutrun] when the text is not as it was claimed.
	Settle(ctx context.Context, text Text, outcome Outcome) error
	// Renew keeps the claims of the owner for the lease.
	Renew(ctx context.Context, owner string, lease time.Duration) error
	// Sweep ends what has come to its end by time. Claims whose lease has run out are ended too when orphans is set.
	Sweep(ctx context.Context, now time.Time, orphans bool) (Swept, error)
	// Depths counts what has not come to its end.
	Depths(ctx context.Context) ([]Depth, error)
}

// Claimant is who takes a text.
type Claimant struct {
	Modem string
	SIM   string // IMSI.
	Owner string // The process.
	Lease time.Duration
}

// Fate is what became of a part that was handed to a modem.
type Fate int

// The fates.
const (
	Kept     Fate = iota // The modem never had it.
	Taken                // The network has it.
	Deferred             // Refused: it may be handed over again.
	Rejected             // Refused for good.
	Lost                 // Nobody knows.
)

// Outcome is what became of a part, and what follows.
type Outcome struct {
	Fate      Fate
	Time      time.Time // When that was known.
	Reference int       // Of a part that was taken.
	NextTime  time.Time // When a part that was not taken may be handed over again.
	Code      string
	Detail    string
	Blameless bool // A refusal that is not counted against the text.
}

// Swept counts what a sweep ended, by the state in which it did.
type Swept map[State]int

// Depth counts the texts of a priority in a state.
type Depth struct {
	Priority Priority
	State    State
	Count    int
	Oldest   time.Time // When the oldest was queued.
}

// Port is a modem that can send.
type Port interface {
	// Name tells modems apart.
	Name() string
	// SIM is the IMSI of its SIM.
	SIM() string
	// Submit hands a part over and returns the network's reference of it. With [modem.ErrNotReady] and an error of
	// which [at.IsUnsent] tells it the part was not sent; with any other its fate is unknown.
	Submit(ctx context.Context, part sms.Submission) (int, error)
}
