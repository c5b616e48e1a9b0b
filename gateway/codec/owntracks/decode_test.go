package owntracks_test

import (
	"testing"

	"waybill/gateway/codec/codectest"
	"waybill/gateway/codec/owntracks"
)

func TestFrames(t *testing.T) {
	t.Parallel()
	codectest.Golden(t, owntracks.Decode)
}

func FuzzDecode(f *testing.F) {
	for _, frame := range codectest.Frames(f) {
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		parts, err := owntracks.Decode(payload)
		codectest.Check(t, parts, err)
	})
}
