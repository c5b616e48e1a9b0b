package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// closeEventAlerts ends what an event opened, once the device was seen again after it: as
// with a fix, a warning is of a moment. A call for help waits for somebody.
const closeEventAlerts = `
update tracking.alert a set close_time = s.fix_time
from tracking.device_state s
where s.device_id = a.device_id and a.device_event_id is not null and a.close_time is null
    and a.condition <> 'sos' and s.fix_time > a.open_time`

// closeEvents closes the alerts of events without a position that are over.
func (s *Sweep) closeEvents(ctx context.Context, tx pgx.Tx) (more bool, err error) {
	_, err = tx.Exec(ctx, closeEventAlerts)
	return false, err
}
