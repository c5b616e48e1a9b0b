package emulator

import (
	"sync"
	"time"
)

// unsent bounds what waits for a client that doesn't read, in bytes: more than any memory lists. What comes after is
// lost, as on a real line.
const unsent = 1 << 20

// said is text on its way to the client.
type said struct {
	text []byte
	late time.Duration // How long the modem thinks before it says it.
}

// queue holds what the modem says until the line takes it.
type queue struct {
	more chan struct{} // Cap 1: something has come.

	mu    sync.Mutex
	items []said
	size  int
	muted bool // What is said is lost.
}

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

func (q *queue) put(text string, late time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.muted || text == "" || q.size+len(text) > unsent {
		return
	}
	q.size += len(text)
	if last := len(q.items) - 1; last >= 0 && late == 0 {
		q.items[last].text = append(q.items[last].text, text...)
		return
	}
	q.items = append(q.items, said{[]byte(text), late})
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take gives what is next, if anything.
func (q *queue) take() (said, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return said{}, false
	}
	first := q.items[0]
	q.items = q.items[1:]
	q.size -= len(first.text)
	return first, true
}

// mute makes the modem fall silent, in the middle of a line if need be, or lets it speak again.
func (q *queue) mute(muted bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.muted = muted
	if muted {
		q.items, q.size = nil, 0
	}
}

func (q *queue) silent() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.muted
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) == 0
}
