package e2e_test

import (
	"context"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// publisher is a device that sends each message until it is acknowledged.
type publisher struct {
	address, device, password string
	messages                  int
	// place is where the unit is at a message, longitude and latitude; on its way
	// east when nil.
	place func(n int) (lon, lat float64)
}

func (p *publisher) payload(start time.Time, n int) string {
	lon, lat := 120+float64(n)/10_000, 31.0
	if p.place != nil {
		lon, lat = p.place(n)
	}
	return ownTracks(start.Add(time.Duration(n)*time.Second), lon, lat)
}

func (p *publisher) run(ctx context.Context, start time.Time, acknowledged func()) {
	next := 0
	for next < p.messages && ctx.Err() == nil {
		lost := make(chan struct{})
		client := p.connect(ctx, lost)
		if client == nil {
			continue
		}
		for next < p.messages {
			token := client.Publish("owntracks/"+p.device+"/x", 1, false, p.payload(start, next))
			select {
			case <-token.Done():
			case <-lost:
			case <-ctx.Done():
			}
			// A token is done with no error only when its PUBACK came.
			select {
			case <-token.Done():
				if token.Error() == nil {
					acknowledged()
					next++
					continue
				}
			default:
			}
			break
		}
		client.Disconnect(0)
	}
}

// connect gives nil when the server is away just now.
func (p *publisher) connect(ctx context.Context, lost chan struct{}) mqtt.Client {
	var once sync.Once
	options := mqtt.NewClientOptions().AddBroker("tcp://" + p.address).SetClientID(p.device).
		SetUsername(p.device).SetPassword(p.password).SetAutoReconnect(false).SetCleanSession(true).
		SetConnectTimeout(2 * time.Second).SetKeepAlive(5 * time.Second).
		SetConnectionLostHandler(func(mqtt.Client, error) { once.Do(func() { close(lost) }) })
	client := mqtt.NewClient(options)
	token := client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
	}
	if token.Error() == nil && ctx.Err() == nil {
		return client
	}
	// Give a server that restarts a breath before the next knock.
	breath := time.NewTimer(50 * time.Millisecond)
	defer breath.Stop()
	select {
	case <-breath.C:
	case <-ctx.Done():
	}
	return nil
}
