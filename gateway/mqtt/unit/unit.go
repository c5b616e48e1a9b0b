// Package unit is the other end of the MQTT endpoint: what a unit in a vehicle
// does. It sends fixes, and keeps each until it is acknowledged, over as many
// connections as that takes. Replays and the demonstration use it.
package unit

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"waybill/gateway/codec/waybilljson"
	"waybill/internal/lifecycle"
	"waybill/tracking"
)

const (
	connectPatience = 10 * time.Second
	publishPatience = 60 * time.Second
	keepAlive       = 30 * time.Second
	firstBackOff    = 100 * time.Millisecond
	longestBackOff  = 5 * time.Second
	disconnectQuiet = 250 // milliseconds that paho may take to send what is under way
)

// ErrRefused says that the endpoint does not know the unit or its password.
var ErrRefused = errors.New("the endpoint refused the username or the password")

// Config says who the unit is and where it connects.
type Config struct {
	// Address is HOST:PORT of the endpoint.
	Address string
	// Device is the uid, and so the username.
	Device   string
	Password string
	// TLS connects in the clear when nil.
	TLS *tls.Config
	Log *slog.Logger
}

// Unit is one unit. It is for one goroutine.
type Unit struct {
	config Config
	client mqtt.Client
}

// New returns a unit that connects when it first has something to send.
func New(config Config) *Unit {
	scheme := "tcp://"
	if config.TLS != nil {
		scheme = "ssl://"
	}
	options := mqtt.NewClientOptions().
		AddBroker(scheme + config.Address).
		SetClientID("unit-" + config.Device).
		SetUsername(config.Device).
		SetPassword(config.Password).
		SetTLSConfig(config.TLS).
		SetKeepAlive(keepAlive).
		SetConnectTimeout(connectPatience).
		SetAutoReconnect(false)
	return &Unit{config: config, client: mqtt.NewClient(options)}
}

// Send sends fixes as one message and returns when they are acknowledged: they are
// durable then. It tries again, over new connections, until the context ends; the
// error is [ErrRefused] when trying again is no use.
func (u *Unit) Send(ctx context.Context, fixes []tracking.Fix) error {
	payload, err := waybilljson.Encode(fixes)
	if err != nil {
		return fmt.Errorf("encode fixes: %w", err)
	}
	wait := firstBackOff
	for {
		err := u.publish(ctx, payload)
		if err == nil || errors.Is(err, ErrRefused) {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		u.config.Log.DebugContext(ctx, "not acknowledged; trying again", "device", u.config.Device, "error", err, "in", wait)
		if err := lifecycle.Pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, longestBackOff)
	}
}

// Close disconnects.
func (u *Unit) Close() { u.client.Disconnect(disconnectQuiet) }

func (u *Unit) publish(ctx context.Context, payload []byte) error {
	if !u.client.IsConnected() {
		token := u.client.Connect()
		if err := await(ctx, token, connectPatience); err != nil {
			if connect, ok := token.(*mqtt.ConnectToken); ok && refused(connect.ReturnCode()) {
				return fmt.Errorf("%w: issue a new one with `waybill device credential %s`", ErrRefused, u.config.Device)
			}
			return fmt.Errorf("connect to %s: %w", u.config.Address, err)
		}
	}
	token := u.client.Publish("waybill/"+u.config.Device+"/fixes", 1, false, payload)
	if err := await(ctx, token, publishPatience); err != nil {
		// An acknowledgement that comes later belongs to a connection that is gone.
		u.client.Disconnect(0)
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// refused says that the code of a CONNACK is about who we are: 4 is a bad username
// or password, 5 is not authorised (MQTT 3.1.1, 3.2.2.3).
func refused(code byte) bool { return code == 4 || code == 5 }

// await waits for the token, and returns how it ended.
func await(ctx context.Context, token mqtt.Token, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-token.Done():
		return token.Error()
	case <-timer.C:
		return fmt.Errorf("no answer in %v", patience)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
