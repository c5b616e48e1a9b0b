package simplify

import "container/heap"

// queue gives the slot of the least cost first, and the lower slot of equal ones. A
// slot is in it once.
type queue struct{ byCost heapOfSlots }

func (q *queue) len() int { return len(q.byCost.slots) }

// put puts a slot in, or changes what it costs.
func (q *queue) put(slot int, cost float64) {
	h := &q.byCost
	for len(h.cost) <= slot {
		h.cost, h.place = append(h.cost, 0), append(h.place, none)
	}
	h.cost[slot] = cost
	if at := h.place[slot]; at != none {
		heap.Fix(h, at)
		return
	}
	heap.Push(h, slot)
}

// take takes the first slot out.
func (q *queue) take() (slot int, cost float64) {
	slot, _ = heap.Pop(&q.byCost).(int)
	return slot, q.byCost.cost[slot]
}

// heapOfSlots is a [heap.Interface] whose elements know where they are.
type heapOfSlots struct {
	slots []int
	cost  []float64 // by slot
	place []int     // by slot: its index in slots, or none
}

// Len is how many there are.
func (h *heapOfSlots) Len() int { return len(h.slots) }

// Less compares costs.
func (h *heapOfSlots) Less(i, j int) bool {
	a, b := h.slots[i], h.slots[j]
	if h.cost[a] != h.cost[b] {
		return h.cost[a] < h.cost[b]
	}
	return a < b
}

// Swap exchanges two.
func (h *heapOfSlots) Swap(i, j int) {
	h.slots[i], h.slots[j] = h.slots[j], h.slots[i]
	h.place[h.slots[i]], h.place[h.slots[j]] = i, j
}

// Push appends a slot.
func (h *heapOfSlots) Push(x any) {
	slot, _ := x.(int)
	h.place[slot] = len(h.slots)
	h.slots = append(h.slots, slot)
}

// Pop removes the last slot.
func (h *heapOfSlots) Pop() any {
	slot := h.slots[len(h.slots)-1]
	h.slots = h.slots[:len(h.slots)-1]
	h.place[slot] = none
	return slot
}
