package simplify

// Held is how many points it remembers.
func (t *Tolerance[P]) Held() int { return len(t.points) }

// Held is how many points it remembers.
func (b *Budget[P]) Held() int { return len(b.slots) }
