package outbound

import (
	"cmp"
	"time"
)

// Settings of a [Dispatcher]. The zero value of each field means its default.
type Settings struct {
	// PerMinute is how many messages a modem may send in any minute; 8.
	PerMinute float64
	// Poll is how often the queue is looked into when nothing says that something came; 1 s.
	Poll time.Duration
	// Retry is how long a text waits after its first refusal, doubled with each; 5 s.
	Retry time.Duration
	// Rest is how long a modem rests after a refusal that is its own or its network's, doubled with each up to RestMost;
	// 20 s and 10 min.
	Rest, RestMost time.Duration
	// Lease is how long a claim outlives its process; 30 s.
	Lease time.Duration
	// Grace is how long a modem that has a part may take to say what became of it when the process is told to stop; 20 s.
	Grace time.Duration
}

func (s Settings) withDefaults() Settings {
	s.PerMinute = cmp.Or(max(s.PerMinute, 0), 8)
	s.Poll = cmp.Or(s.Poll, time.Second)
	s.Retry = cmp.Or(s.Retry, 5*time.Second)
	s.Rest = cmp.Or(s.Rest, 20*time.Second)
	s.RestMost = max(cmp.Or(s.RestMost, 10*time.Minute), s.Rest)
	s.Lease = cmp.Or(s.Lease, 30*time.Second)
	s.Grace = cmp.Or(s.Grace, 20*time.Second)
	return s
}
