package getgps_test

import (
	"testing"

	"waybill/gateway/codec/getgps"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, getgps.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, getgps.Decode) }
