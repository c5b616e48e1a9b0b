package tracking

import "slices"

// ground is the zones, ascending, that a fix was in, and the vehicle that it is of.
type ground struct {
	zones   []int64
	vehicle int64
}

// edges are the borders between a fix and the next one. When the device has come to
// another vehicle, that vehicle's track begins: it has arrived wherever it is, and
// what the former one left nobody knows.
func edges(from, to ground) []Edge {
	before, after := from.zones, to.zones
	if to.vehicle != 0 && to.vehicle != from.vehicle {
		before = nil
	}
	var crossed []Edge
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0] < after[0]:
			crossed = append(crossed, Edge{Zone: before[0], Kind: Departed})
			before = before[1:]
		case len(before) == 0 || after[0] < before[0]:
			crossed = append(crossed, Edge{Zone: after[0], Kind: Arrived})
			after = after[1:]
		default:
			before, after = before[1:], after[1:]
		}
	}
	return crossed
}

// zonesOfLate replaces the edge of each gap by the edges along the late fixes that
// fell into it.
func zonesOfLate(d *derivation) {
	late := d.late
	for _, gap := range d.gaps {
		end := 0
		for end < len(late) && late[end].Time.Before(gap.After.Time) {
			end++
		}
		if end > 0 {
			d.fillGap(gap, late[:end])
		}
		late = late[end:]
	}
}

func (d *derivation) fillGap(gap Gap, late []derivedFix) {
	var before ground
	if gap.Before != nil {
		before = d.ground(*gap.Before)
	}
	after := d.ground(gap.After)
	leave := d.changedZones(gap, before, after)

	for _, fix := range late {
		now := d.ground(fix.Seen)
		for _, edge := range edges(before, now) {
			if !slices.Contains(leave, edge.Zone) {
				d.changes = append(d.changes, Change{Edge: edge, Time: fix.Time, Fresh: fix.fresh})
			}
		}
		before = now
	}
	d.restate(gap, edges(before, after), leave, late[len(late)-1].fresh)
}

// restate brings what is stated at the end of a gap to what holds there now.
func (d *derivation) restate(gap Gap, hold []Edge, leave []int64, fresh bool) {
	for _, edge := range gap.Stated {
		if !slices.Contains(hold, edge) && !slices.Contains(leave, edge.Zone) {
			d.changes = append(d.changes, Change{Edge: edge, Time: gap.After.Time, Retracted: true, Fresh: fresh})
		}
	}
	for _, edge := range hold {
		if !slices.Contains(gap.Stated, edge) && !slices.Contains(leave, edge.Zone) {
			d.changes = append(d.changes, Change{Edge: edge, Time: gap.After.Time, Fresh: fresh})
		}
	}
}

// changedZones are those that were drawn, moved or removed since the neighbours of
// the gap were looked at: what was stated differs from what today's zones give.
// Their history is left as it was told, or a late fix would state half of a visit.
func (d *derivation) changedZones(gap Gap, before, after ground) []int64 {
	var changed []int64
	was := edges(before, after)
	for _, edge := range was {
		if !slices.Contains(gap.Stated, edge) {
			changed = append(changed, edge.Zone)
		}
	}
	for _, edge := range gap.Stated {
		if !slices.Contains(was, edge) {
			changed = append(changed, edge.Zone)
		}
	}
	if gap.After.Time.Equal(d.state.Newest) {
		for _, edge := range edges(ground{d.state.Zones, after.vehicle}, after) {
			changed = append(changed, edge.Zone)
		}
	}
	return changed
}
