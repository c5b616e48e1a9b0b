package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking"
)

// CopyRaw copies the records into a table that has the columns of tracking.position,
// with nothing else: the most that PostgreSQL takes, against which the whole is
// measured. The table's name is taken as it is.
func CopyRaw(ctx context.Context, pool *pgxpool.Pool, table string, records []tracking.Record) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	buffer := new(copyBuffer)
	buffer.begin(len(records))
	for i := range records {
		buffer.position(&records[i])
	}
	buffer.end()
	return buffer.send(ctx, conn.Conn().PgConn(), "copy "+table+" ("+copyColumns+") from stdin (format binary)")
}
