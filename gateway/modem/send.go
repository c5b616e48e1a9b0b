package modem

import (
	"context"
	"fmt"
)

// Send sends a text, in parts where it is long, and returns the network's references of the parts. ErrNotReady and an
// error of which at.IsUnsent tells it mean that the part in turn was not sent; after any other error its fate is unknown.
func (m *Modem) Send(ctx context.Context, to, text string) ([]int, error) {
	m.sending.Lock()
	defer m.sending.Unlock()
	m.mu.Lock()
	sender := m.sender
	m.mu.Unlock()
	if sender == nil {
		return nil, fmt.Errorf("send by modem %s: %w", m.cfg.Name, ErrNotReady)
	}
	refs, err := sender.Submit(ctx, to, text)
	if err != nil {
		return refs, fmt.Errorf("send by modem %s: %w", m.cfg.Name, err)
	}
	return refs, nil
}
