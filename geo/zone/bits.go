package zone

// bits are a set of small numbers; nil has none.
type bits []uint64

func (b bits) has(i int32) bool {
	word := int(i >> 6)
	return word < len(b) && b[word]&(1<<(i&63)) != 0
}

// add needs room for the number.
func (b bits) add(i int) { b[i>>6] |= 1 << (i & 63) }

// clone has room for numbers below n.
func (b bits) clone(n int) bits {
	c := make(bits, (n+63)/64)
	copy(c, b)
	return c
}
