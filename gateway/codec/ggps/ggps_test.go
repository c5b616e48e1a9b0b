package ggps_test

import (
	"testing"

	"waybill/gateway/codec/ggps"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, ggps.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, ggps.Decode) }
