package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// manyStates is from how many states on they go by a temporary table: the server takes
// 2,000 so in four fifths of the time that it takes them as arrays, a round trip and the
// emptying of the table included.
const manyStates = 1000

const (
	createStateStaging = `
create temporary table if not exists state_staging (
    device_id bigint, version bigint, newest_time timestamptz, derived bytea,
    fix_time timestamptz, lon double precision, lat double precision, live bytea
) on commit delete rows`

	copyStates = "copy pg_temp.state_staging from stdin (format binary)"

	updateFromStaging = stateUpdate + "select * from pg_temp.state_staging" + endStateUpdate

	stateFields = 8
)

// stateStaging is the key under which a connection remembers that it has the table.
const stateStaging = "waybill.state_staging"

// makeStateStaging makes the table, once for a connection and before a transaction, so
// that none takes it back.
func (t *transaction) makeStateStaging(ctx context.Context) error {
	known := t.conn.PgConn().CustomData()
	if len(t.batch.devices) < manyStates || known[stateStaging] != nil {
		return nil
	}
	if _, err := t.conn.Exec(ctx, createStateStaging); err != nil {
		return fmt.Errorf("make room for states: %w", err)
	}
	known[stateStaging] = true
	return nil
}

// allStates writes the rows of the n states that have changed.
func (b *copyBuffer) allStates(batch *batch, n int) error {
	b.begin(n)
	for i := range batch.devices {
		if d := &batch.devices[i]; d.changed {
			if err := b.state(batch, d); err != nil {
				return err
			}
		}
	}
	b.end()
	return nil
}

// state writes a row of the temporary table.
func (b *copyBuffer) state(batch *batch, d *deviceBatch) error {
	b.fields(stateFields)
	b.int8(d.id)
	b.int8(d.version)
	b.int8(microseconds(d.after.Newest))
	start := b.open()
	var err error
	if b.data, err = d.after.AppendBinary(b.data); err != nil {
		return err
	}
	b.close(start)
	if d.live < 0 {
		for range 4 {
			b.null()
		}
		return nil
	}
	r := &batch.records[d.live]
	b.int8(microseconds(r.Fix.Time))
	b.float8(r.Fix.Position.Lon())
	b.float8(r.Fix.Position.Lat())
	start = b.open()
	b.data = appendLive(b.data, r)
	b.close(start)
	return nil
}

// open begins a field whose length is known at its end, when close writes it.
func (b *copyBuffer) open() (start int) {
	b.length(0)
	return len(b.data)
}

func (b *copyBuffer) close(start int) {
	binary.BigEndian.PutUint32(b.data[start-4:], uint32(len(b.data)-start)) //nolint:gosec // bounded by validation
}

func (b *copyBuffer) float8(v float64) {
	b.length(8)
	b.data = binary.BigEndian.AppendUint64(b.data, math.Float64bits(v))
}
