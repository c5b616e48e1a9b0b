package tracking

import "slices"

// edges are the borders between a fix in the zones before and the next one in the
// zones after; both ascending.
func edges(before, after []int64) []Edge {
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
	var before []int64
	if gap.Before != nil {
		before = d.rules.Zones.At(nil, gap.Before.Position)
	}
	after := d.rules.Zones.At(nil, gap.After.Position)
	leave := d.changedZones(gap, before, after)

	for _, fix := range late {
		now := d.rules.Zones.At(nil, fix.Position)
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
func (d *derivation) changedZones(gap Gap, before, after []int64) []int64 {
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
		for _, edge := range edges(d.state.Zones, after) {
			changed = append(changed, edge.Zone)
		}
	}
	return changed
}
