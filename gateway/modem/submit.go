package modem

import (
	"context"
	"fmt"

	"waybill/gateway/modem/sms"
)

// Submit sends one part and returns the network's reference of it, or sms.NoReference. ErrNotReady and an
// error of which at.IsUnsent tells it mean that it was not sent; after any other error its fate is unknown.
func (m *Modem) Submit(ctx context.Context, part sms.Submission) (int, error) {
	m.sending.Lock()
	defer m.sending.Unlock()
	m.mu.Lock()
	sender := m.sender
	m.mu.Unlock()
	if sender == nil {
		return sms.NoReference, fmt.Errorf("send by modem %s: %w", m.cfg.Name, ErrNotReady)
	}
	ref, err := sender.SubmitPart(ctx, part)
	if err != nil {
		return ref, fmt.Errorf("send by modem %s: %w", m.cfg.Name, err)
	}
	return ref, nil
}
