package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/gateway/modem/watch"
	"waybill/internal/database"
	"waybill/tracking"
)

// mostAlerts is how many alerts of modems are kept; the oldest that are over go.
const mostAlerts = 10_000

// ModemAlerts keeps the alerts of modems: it is a [watch.Store].
type ModemAlerts struct{ pool *pgxpool.Pool }

// NewModemAlerts makes the store on a migrated database.
func NewModemAlerts(pool *pgxpool.Pool) *ModemAlerts { return &ModemAlerts{pool: pool} }

const (
	alertColumns = `
select id, gateway, modem, path, condition, value, detail, open_time, close_time, acknowledge_time, acknowledged_by
from gateway.modem_alert
`
	openAlert = `
insert into gateway.modem_alert (gateway, modem, path, condition, value, detail, open_time)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (gateway, modem, condition) where close_time is null do nothing`

	closeAlert = `
update gateway.modem_alert set close_time = greatest($4, open_time)
where gateway = $1 and modem = $2 and condition = $3 and close_time is null`

	dropAlerts = `
delete from gateway.modem_alert
where close_time is not null and id <= (select id from gateway.modem_alert order by id desc offset $1 limit 1)`
)

// OpenAlerts implements watch.Store.
func (s *ModemAlerts) OpenAlerts(ctx context.Context, gateway string) ([]watch.Alert, error) {
	rows, _ := s.pool.Query(ctx, alertColumns+"where gateway = $1 and close_time is null", gateway)
	alerts, err := pgx.CollectRows(rows, scanModemAlert)
	return alerts, alertsFailed(err)
}

// RecordAlerts implements watch.Store.
func (s *ModemAlerts) RecordAlerts(ctx context.Context, changes []watch.Alert) error {
	return alertsFailed(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		queries := &pgx.Batch{}
		for _, a := range changes {
			if a.Closed.IsZero() {
				queries.Queue(openAlert, a.Gateway, a.Modem, a.Path, string(a.Condition), a.Value, a.Detail, a.Opened)
			} else {
				queries.Queue(closeAlert, a.Gateway, a.Modem, string(a.Condition), a.Closed)
			}
		}
		queries.Queue(dropAlerts, mostAlerts)
		return tx.SendBatch(ctx, queries).Close()
	}))
}

// Alerts lists those that hold first, the newest first.
func (s *ModemAlerts) Alerts(ctx context.Context, filter watch.Filter, page watch.Page) ([]watch.Alert, error) {
	rows, _ := s.pool.Query(ctx, alertColumns+`
where case $1::int when 1 then close_time is null when 2 then close_time is null or acknowledge_time is null else true end
and ($2 = '' or modem = $2) and ($3 = '' or condition = $3)
and ($6::bigint = 0 or ((close_time is null), open_time, id) < ($4, $5, $6))
order by (close_time is null) desc, open_time desc, id desc limit $7`,
		int(filter.State), filter.Modem, string(filter.Condition), page.Open, page.Opened, page.ID, page.Size)
	alerts, err := pgx.CollectRows(rows, scanModemAlert)
	return alerts, alertsFailed(err)
}

// Alert returns one, or tracking.ErrNotFound.
func (s *ModemAlerts) Alert(ctx context.Context, id int64) (watch.Alert, error) {
	rows, _ := s.pool.Query(ctx, alertColumns+"where id = $1", id)
	alert, err := pgx.CollectExactlyOneRow(rows, scanModemAlert)
	return alert, alertsFailed(err)
}

// AcknowledgeAlert notes who sees to it. The first to say so stays. It fails with tracking.ErrNotFound.
func (s *ModemAlerts) AcknowledgeAlert(ctx context.Context, id int64, by string) (watch.Alert, error) {
	_, err := s.pool.Exec(ctx, `
update gateway.modem_alert set acknowledge_time = now(), acknowledged_by = $2
where id = $1 and acknowledge_time is null`, id, by)
	if err != nil {
		return watch.Alert{}, alertsFailed(err)
	}
	return s.Alert(ctx, id)
}

func scanModemAlert(row pgx.CollectableRow) (watch.Alert, error) {
	var a watch.Alert
	var closed, acknowledged *time.Time
	err := row.Scan(&a.ID, &a.Gateway, &a.Modem, &a.Path, &a.Condition, &a.Value, &a.Detail,
		&a.Opened, &closed, &acknowledged, &a.AcknowledgedBy)
	a.Opened = a.Opened.UTC()
	if closed != nil {
		a.Closed = closed.UTC()
	}
	if acknowledged != nil {
		a.Acknowledged = acknowledged.UTC()
	}
	return a, err
}

func alertsFailed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return tracking.ErrNotFound
	case database.IsRetryable(err):
		return fmt.Errorf("%w: alerts of modems: %w", tracking.ErrUnavailable, err)
	}
	return fmt.Errorf("alerts of modems: %w", err)
}
