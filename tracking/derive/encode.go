package derive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"
)

// ErrState says that bytes are no state that [State.AppendBinary] wrote.
var ErrState = errors.New("derive: the bytes are no state")

// stateVersion begins each state, so that a later one may be written in another way.
const stateVersion = 1

// widthConditions is how many bits a set of conditions has.
const widthConditions = 16

// AppendBinary appends the state as bytes, about a hundred for a device on a trip. The
// same state gives the same bytes.
func (s *State) AppendBinary(b []byte) ([]byte, error) {
	b = s.appendCore(append(b, stateVersion))
	b = binary.AppendVarint(b, s.Odometer)
	return binary.AppendUvarint(b, uint64(s.Folded)), nil //nolint:gosec // a count
}

// core is what decides of all that follows.
func (s *State) core() []byte { return s.appendCore(nil) }

func (s *State) appendCore(b []byte) []byte {
	m := &s.Motion
	w := writer{b: b, last: s.Last}
	w.time(s.Newest)
	w.mark(s.Last, Mark{})
	w.mark(s.Doubt, Mark{})
	w.int(int64(s.Doubts))
	w.int(s.Vehicle)
	w.ints(s.Zones)
	w.int(int64(s.Holds) | int64(s.Warned)<<widthConditions)
	w.ints(s.Speeding)

	flags := int64(m.Ignition) << 1
	if m.Standing {
		flags |= 1
	}
	w.int(flags)
	w.time(m.Since)
	w.point(m.From)
	w.int(m.Weight)
	w.int(m.Distance)
	w.mark(m.Counted, s.Last)
	w.float(m.MaxSpeed)
	w.mark(m.Anchor, s.Last)
	w.int(m.AnchorDistance)
	w.mark(m.Away, s.Last)
	w.int(m.Idle.Microseconds())
	return w.b
}

// UnmarshalBinary reads what AppendBinary wrote. It fails with [ErrState].
func (s *State) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || b[0] != stateVersion {
		return fmt.Errorf("%w: they are of another version of Waybill", ErrState)
	}
	r := reader{b: b[1:]}
	var state State
	m := &state.Motion
	state.Newest = r.time()
	state.Last = r.mark(Mark{})
	state.Doubt = r.mark(Mark{})
	state.Doubts = int(r.int())
	state.Vehicle = r.int()
	state.Zones = r.ints()
	holds := r.int()
	state.Holds = Conditions(holds)                     //nolint:gosec // its lower bits
	state.Warned = Conditions(holds >> widthConditions) //nolint:gosec // checked by writing it again in the tests
	state.Speeding = r.ints()

	flags := r.int()
	m.Standing, m.Ignition = flags&1 != 0, Flag(flags>>1) //nolint:gosec // of one of three values
	m.Since = r.time()
	m.From = r.point()
	m.Weight = r.int()
	m.Distance = r.int()
	m.Counted = r.mark(state.Last)
	m.MaxSpeed = r.float()
	m.Anchor = r.mark(state.Last)
	m.AnchorDistance = r.int()
	m.Away = r.mark(state.Last)
	m.Idle = time.Duration(r.int()) * time.Microsecond
	state.Odometer = r.int()
	state.Folded = int(r.uint()) //nolint:gosec // a count
	if r.failed || len(r.b) > 0 {
		return ErrState
	}
	*s = state
	return nil
}

// How a mark is written.
const (
	markNone = iota
	markSame // as the last
	markFull
)

type writer struct {
	b    []byte
	last Mark
}

func (w *writer) int(v int64) { w.b = binary.AppendVarint(w.b, v) }

func (w *writer) float(v float64) { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v)) }

// time is in microseconds since 1970, and one more than that from then on, so that 0 is
// the zero time.
func (w *writer) time(t time.Time) {
	us := int64(0)
	if !t.IsZero() {
		if us = t.UnixMicro(); us >= 0 {
			us++
		}
	}
	w.int(us)
}

func (w *writer) point(p orb.Point) {
	w.float(p.Lon())
	w.float(p.Lat())
}

func (w *writer) mark(m, last Mark) {
	switch {
	case m.IsZero():
		w.b = append(w.b, markNone)
	case m == last:
		w.b = append(w.b, markSame)
	default:
		w.b = append(w.b, markFull)
		w.time(m.Time)
		w.point(m.Position)
	}
}

func (w *writer) ints(values []int64) {
	w.b = binary.AppendUvarint(w.b, uint64(len(values)))
	for _, v := range values {
		w.int(v)
	}
}

// reader reads what writer wrote. After a failure it reads zeros.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if n <= 0 || n > len(r.b) {
		r.failed, r.b = true, nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if r.take(n) == nil {
		return 0
	}
	return v
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.take(n) == nil {
		return 0
	}
	return v
}

func (r *reader) float() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (r *reader) time() time.Time {
	us := r.int()
	switch {
	case us == 0:
		return time.Time{}
	case us > 0:
		us--
	}
	return time.UnixMicro(us).UTC()
}

func (r *reader) point() orb.Point {
	lon := r.float()
	return orb.Point{lon, r.float()}
}

func (r *reader) mark(last Mark) Mark {
	kind := r.take(1)
	switch {
	case kind == nil || kind[0] == markNone:
		return Mark{}
	case kind[0] == markSame && !last.IsZero():
		return last
	case kind[0] == markFull:
		t := r.time()
		return Mark{t, r.point()}
	}
	r.failed = true
	return Mark{}
}

func (r *reader) ints() []int64 {
	n := r.uint()
	if n == 0 || n > uint64(len(r.b)) {
		r.failed = r.failed || n > 0
		return nil
	}
	values := make([]int64, n)
	for i := range values {
		values[i] = r.int()
	}
	return values
}
