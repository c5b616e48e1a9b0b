package order

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// sqlState is the SQLSTATE of an error of the server, or empty.
func sqlState(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}

const eventColumns = `id, order_id, shipment, biz_step, disposition, event_time, record_time, read_point, vehicle,
	automatic, note, correction_reason, correction_time`

// eventRow reads a row of eventColumns.
func eventRow(row pgx.CollectableRow) (Event, error) {
	var e Event
	var corrected *time.Time
	err := row.Scan(&e.ID, &e.Order, &e.Shipment, &e.BizStep, &e.Disposition, &e.Time, &e.Recorded, &e.ReadPoint,
		&e.Vehicle, &e.Automatic, &e.Note, &e.Correction, &corrected)
	if err != nil {
		return e, fmt.Errorf("read an event: %w", err)
	}
	e.Time, e.Recorded = e.Time.UTC(), e.Recorded.UTC()
	if corrected != nil {
		e.CorrectionTime = corrected.UTC()
	}
	return e, nil
}
