package derive

import (
	"maps"
	"time"
)

// leftAlone gives for each span the zones whose history is left as it was told, because
// they were drawn, moved or removed since, or devices fitted: what was stated differs
// from what is found as told. From where the two differ they do so until they agree on
// an edge of the zone again. Of the moved ones it is known that they differ at the end.
func leftAlone(spans []span, told, stated []Edge, moved []int64) []map[int64]bool {
	left := make([]map[int64]bool, len(spans))
	differ, agreed := make(map[int64]bool), make(map[int64]time.Time)
	begun := 0 // how many spans have
	for len(told) > 0 || len(stated) > 0 {
		edge, both := earliest(&told, &stated)
		for begun < len(spans) && !spans[begun].from.After(edge.Time) {
			left[begun] = maps.Clone(differ)
			begun++
		}
		differ[edge.Zone] = !both
		switch {
		case both:
			agreed[edge.Zone] = edge.Time
		case begun > 0 && !edge.Time.After(spans[begun-1].to):
			left[begun-1][edge.Zone] = true
		}
	}
	for ; begun < len(spans); begun++ {
		left[begun] = maps.Clone(differ)
	}
	for i, span := range spans {
		for _, zone := range moved {
			if span.from.After(agreed[zone]) {
				left[i][zone] = true
			}
		}
	}
	return left
}

// earliest takes the first of both lists, and says whether it is in both.
func earliest(told, stated *[]Edge) (edge Edge, agreed bool) {
	at := func(edges []Edge) *Edge {
		if len(edges) == 0 {
			return nil
		}
		return &edges[0]
	}
	a, b := at(*told), at(*stated)
	switch {
	case b == nil || a != nil && a.compare(*b) < 0:
		*told = (*told)[1:]
		return *a, false
	case a == nil || a.compare(*b) > 0:
		*stated = (*stated)[1:]
		return *b, false
	}
	*told, *stated = (*told)[1:], (*stated)[1:]
	return *a, true
}
