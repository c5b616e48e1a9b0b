package maplink_test

import (
	"testing"

	"waybill/gateway/codec/maplink"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, maplink.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, maplink.Decode) }
