package e2e_test

import (
	"context"
	"encoding/json"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/stretchr/testify/require"
)

// inFlight is how many messages a courier sends before it waits for their PUBACKs.
const inFlight = 4

// courier is a unit that sends each of its messages until it is acknowledged, some at
// once. What follows one that was not acknowledged is sent again with it.
type courier struct {
	publisher
	payloads []string
}

// load encodes the messages.
func (c *courier) load(t *testing.T, messages [][]fix) {
	t.Helper()
	c.payloads = make([]string, len(messages))
	for i, message := range messages {
		payload, err := json.Marshal(message)
		require.NoError(t, err)
		c.payloads[i] = string(payload)
	}
}

func (c *courier) run(ctx context.Context, acknowledged func()) {
	next := 0
	for next < len(c.payloads) && ctx.Err() == nil {
		lost := make(chan struct{})
		client := c.connect(ctx, lost)
		if client == nil {
			continue
		}
		for whole := true; whole && next < len(c.payloads); {
			some := c.payloads[next:min(next+inFlight, len(c.payloads))]
			n := c.send(ctx, client, lost, some)
			for range n {
				acknowledged()
			}
			next += n
			whole = n == len(some)
		}
		client.Disconnect(0)
	}
}

// send says how many of the payloads were acknowledged before one was not.
func (c *courier) send(ctx context.Context, client mqtt.Client, lost <-chan struct{}, payloads []string) int {
	tokens := make([]mqtt.Token, len(payloads))
	for i, payload := range payloads {
		tokens[i] = client.Publish("waybill/"+c.device+"/fixes", 1, false, payload)
	}
	for i, token := range tokens {
		select {
		case <-token.Done():
		case <-lost:
		case <-ctx.Done():
		}
		// A token is done with no error only when its PUBACK came.
		select {
		case <-token.Done():
			if token.Error() == nil {
				continue
			}
		default:
		}
		return i
	}
	return len(payloads)
}
