package concox_test

import (
	"testing"

	"waybill/gateway/codec/concox"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, concox.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, concox.Decode) }
