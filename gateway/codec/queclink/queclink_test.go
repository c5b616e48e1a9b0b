package queclink_test

import (
	"testing"

	"waybill/gateway/codec/queclink"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, queclink.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, queclink.Decode) }
