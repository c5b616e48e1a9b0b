package tracking

import "context"

// Store is where the [Ingester] commits. trackingtest.RunStore proves an
// implementation.
type Store interface {
	// DeviceIDs gives the store's keys of devices by their uids. What is absent in
	// the answer is not known.
	//
	// It fails with [ErrUnavailable] when the store can't be reached.
	DeviceIDs(ctx context.Context, uids []string) (map[string]int64, error)

	// Commit stores the records, those of one device in one transaction with what
	// follows from them, and says what became of each. It is idempotent by device and fix
	// time, within the batch as well: of two records of one key the first wins.
	// Records of a device that has gone meanwhile are Rejected.
	//
	// It fails with [ErrUnavailable] when the same call may succeed later; whether
	// what is left was committed is then not known, and doing it again is harmless. It
	// fails with [ErrUnstorable] when the store refuses a value of at least one of
	// the records; then none of its device is stored. What was committed all the same
	// comes beside the error: the outcomes that are not Retry hold.
	Commit(ctx context.Context, records []Record) (Committed, error)
}

// Committed is what [Store.Commit] did.
type Committed struct {
	// Outcomes has one for each record, in their order, or none at all beside an error.
	Outcomes []Outcome
	// Positions says where devices are now: the newest fix of each, when it was stored
	// in order, or came again.
	Positions []Position
}
