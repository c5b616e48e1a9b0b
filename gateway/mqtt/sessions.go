package mqtt

import "sync"

// sessions are the devices that are connected: of a device's connections with one client id the newest alone holds
// (MQTT 3.1.1, 3.1.4).
type sessions struct {
	mu   sync.Mutex
	open map[sessionKey]*conn // guarded by mu
}

type sessionKey struct{ device, client string }

func newSessions() *sessions { return &sessions{open: make(map[sessionKey]*conn)} }

// enter notes the connection and returns the one that it takes over, which is to be closed, or nil.
func (s *sessions) enter(c *conn) (old *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sessionKey{c.device, c.client}
	old = s.open[key]
	s.open[key] = c
	return old
}

// leave forgets the connection, unless another has taken it over.
func (s *sessions) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sessionKey{c.device, c.client}
	if s.open[key] == c {
		delete(s.open, key)
	}
}
