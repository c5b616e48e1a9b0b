package rpc_test

import (
	"testing"

	"waybill/tracking/trackingtest"
)

// The same suites run on what is in this process and on what is behind the wire.

func TestDirectory(t *testing.T) {
	t.Parallel()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, peer())
		trackingtest.RunDirectory(t, b.registry, b.registry)
	})
	t.Run("remote", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, peer())
		trackingtest.RunDirectory(t, b.registry, b.client)
	})
}

func TestSink(t *testing.T) {
	t.Parallel()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, peer())
		trackingtest.RunSink(t, b.registry, b.ingester, b.history)
	})
	t.Run("remote", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, peer())
		trackingtest.RunSink(t, b.registry, b.client, b.client)
	})
}
