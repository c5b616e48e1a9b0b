package modem

import "time"

// backoff gives waits that double from least to most.
type backoff struct {
	least, most time.Duration
	next        time.Duration
}

func (b *backoff) step() time.Duration {
	wait := max(b.next, b.least)
	b.next = min(2*wait, b.most)
	return min(wait, b.most)
}

func (b *backoff) reset() { b.next = 0 }
