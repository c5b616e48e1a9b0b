package alarm

import (
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Decode implements codec.DecodeText for texts that are an alarm and nothing else ("help me!"). There is no position in
// them.
func Decode(text string, _ *time.Location) ([]tracking.Fix, error) {
	if word := Word(text); word != "" {
		return nil, codec.NoFix(word)
	}
	return nil, codec.ErrNotMine
}
