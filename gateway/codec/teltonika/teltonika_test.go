package teltonika_test

import (
	"testing"

	"waybill/gateway/codec/teltonika"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, teltonika.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, teltonika.Decode) }
