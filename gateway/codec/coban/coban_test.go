package coban_test

import (
	"testing"

	"waybill/gateway/codec/coban"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, coban.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, coban.Decode) }
