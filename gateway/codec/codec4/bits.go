package codec4

import "waybill/gateway/codec"

// bits reads fields of a stream, each with its lowest bit first. Behind the end it reads zeros and notes that.
type bits struct {
	data  []byte
	next  int // the bit that is read next
	short bool
}

// take reads a field of a width in bits, 64 at most.
func (b *bits) take(width int) uint64 {
	var v uint64
	for i := range width {
		at := b.next + i
		if at/8 >= len(b.data) {
			b.short = true
			break
		}
		v |= uint64(b.data[at/8]>>(at%8)&1) << i
	}
	b.next += width
	return v
}

// finish checks that what is left only fills the last byte.
func (b *bits) finish() error {
	left := len(b.data)*8 - b.next
	if b.short || left < 0 || left >= 8 || b.take(left) != 0 {
		return &codec.Error{Reason: codec.ReasonSyntax, Detail: "its length doesn't fit what is in it: it may be cut off, or be another format"}
	}
	return nil
}
