package rpc

import (
	"cmp"
	"hash/fnv"
)

// reach is how good it looks that a process takes reports.
type reach uint8

const (
	away reach = iota
	// doubtful is connected, but its last streams broke without an answer.
	doubtful
	reachable
)

// seed is the part of a process in the spreading of devices.
func seed(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // it never fails
	return h.Sum64()
}

// score is how much the device belongs to the process with the seed: rendezvous
// hashing (Thaler and Ravishankar, 1998). With the highest score of those that can be
// reached, a process that goes away leaves its devices to all others, and one that
// joins takes its share from all.
func score(device, process uint64) uint64 {
	// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
	x := device ^ process
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// candidate is a process as it looks now.
type candidate struct {
	reach reach
	seed  uint64
}

// choose gives the index of the process that the device belongs to, among those that
// look best, or -1 when all are away.
func choose(device string, candidates []candidate) int {
	var best candidate
	index, of := -1, seed(device)
	for i, c := range candidates {
		if c.reach != away && (index < 0 || c.better(best, of)) {
			index, best = i, c
		}
	}
	return index
}

func (c candidate) better(than candidate, device uint64) bool {
	return cmp.Or(cmp.Compare(c.reach, than.reach), cmp.Compare(score(device, c.seed), score(device, than.seed))) > 0
}
