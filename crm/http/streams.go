package crmhttp

import "sync"

// streams counts the streams that are open, in all and of each reader: one that opens
// too many is refused alone.
type streams struct {
	most, mostEach int

	mu   sync.Mutex
	all  int            // guarded by mu
	each map[string]int // guarded by mu; by reader
}

func newStreams(most, mostEach int) *streams {
	return &streams{most: most, mostEach: mostEach, each: make(map[string]int)}
}

// open counts one more of the reader, unless there are too many. Call release when it
// ends.
func (s *streams) open(reader string) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= s.most || s.each[reader] >= s.mostEach {
		return nil, false
	}
	s.all++
	s.each[reader]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.each[reader]--; s.each[reader] == 0 {
			delete(s.each, reader)
		}
	}, true
}
