package xexun_test

import (
	"testing"

	"waybill/gateway/codec/texttest"
	"waybill/gateway/codec/xexun"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, xexun.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, xexun.Decode) }
