package tracking

// Length is a way in millimetres: whole numbers add up to the same in any order, so
// that the lengths of parts add up to that of the whole.
type Length int64

// Metres is the length in metres.
func (l Length) Metres() float64 { return float64(l) / 1000 }
