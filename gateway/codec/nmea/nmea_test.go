package nmea_test

import (
	"testing"

	"waybill/gateway/codec/nmea"
	"waybill/gateway/codec/texttest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	texttest.Golden(t, nmea.Decode)
}

func FuzzDecode(f *testing.F) { texttest.Fuzz(f, nmea.Decode) }
