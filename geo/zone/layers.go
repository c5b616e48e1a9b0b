package zone

import (
	"cmp"
	"slices"
)

// maxMerged bounds the corners of layers that [Index.With] builds anew: some
// milliseconds of a core.
const maxMerged = 16_384

// With returns an index in which the zones of the ids that changed has are those of
// changed, and those of the ids that removed has are none. The index itself stays as it
// is, and shares with the new one what did not change: so a change takes as long as its
// own zones do, some microseconds for a few corners and a millisecond for thousands,
// whatever there is besides.
//
// What is changed lies in layers above the rest, and each makes answers a little slower:
// [Index.Compact] brings them together when [Index.Layers] has become large.
func (x *Index) With(changed []Zone, removed []int64) *Index {
	ids := slices.Clone(removed)
	for i := range changed {
		ids = append(ids, changed[i].ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	next := &Index{layers: make([]layer, 0, len(x.layers)+1)}
	for _, l := range x.layers {
		if l = l.without(ids); l.alive > 0 {
			next.layers = append(next.layers, l)
		}
	}
	if len(changed) > 0 {
		next.layers = append(next.layers, newLayer(slices.Clone(changed)))
		next.merge()
	}
	return next
}

// Layers is how many times a point is looked for: one after [NewIndex].
func (x *Index) Layers() int { return len(x.layers) }

// Compact returns an index of the same zones with one layer. It takes as long as
// [NewIndex].
func (x *Index) Compact() *Index {
	if len(x.layers) == 0 || len(x.layers) == 1 && x.layers[0].gone == nil {
		return x
	}
	return NewIndex(living(x.layers))
}

// merge brings the youngest layers together as long as one is not much smaller than the
// one before it, so that there are few, and each zone is built anew seldom. The first
// layer is left alone.
func (x *Index) merge() {
	for n := len(x.layers); n > 2; n-- {
		before, last := x.layers[n-2], x.layers[n-1]
		weight := before.corners() + last.corners()
		if 2*last.corners() < before.corners() || weight > maxMerged {
			return
		}
		x.layers = append(x.layers[:n-2], newLayer(living(x.layers[n-2:])))
	}
}

// newLayer takes the zones over.
func newLayer(zones []Zone) layer {
	slices.SortStableFunc(zones, func(a, b Zone) int { return cmp.Compare(a.ID, b.ID) })
	return layer{sheet: newSheet(zones), alive: len(zones)}
}

// without returns the layer without the zones of the ids, which ascend.
func (l layer) without(ids []int64) layer {
	before := l
	for _, id := range ids {
		first, _ := slices.BinarySearchFunc(l.zones, id, func(z Zone, id int64) int { return cmp.Compare(z.ID, id) })
		for i := first; i < len(l.zones) && l.zones[i].ID == id; i++ {
			if l.gone.has(place(i)) {
				continue
			}
			if l.alive == before.alive {
				l.gone = l.gone.clone(len(l.zones))
			}
			l.gone.add(i)
			l.alive--
		}
	}
	return l
}

func living(layers []layer) []Zone {
	var zones []Zone
	for _, l := range layers {
		for i := range l.zones {
			if !l.gone.has(place(i)) {
				zones = append(zones, l.zones[i])
			}
		}
	}
	return zones
}

func (s *sheet) corners() int { return len(s.edges) + len(s.strips) + len(s.circles) }
