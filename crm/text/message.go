package text

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"waybill/crm/interaction"
	"waybill/crm/optout"
)

// Channel is the channel of notifications on which the carrier is woken.
const Channel = "crm_text"

// task is what is to be asked of the gateway.
type task string

const (
	taskReply  task = "reply"
	taskNotice task = "notice"
	taskRecall task = "recall"
)

// How long what is queued is worth sending.
const (
	replyLife  = time.Hour
	noticeLife = 24 * time.Hour
)

// message is a text to somebody.
type message struct {
	interaction.Interaction

	task task
	// life is how long after its time it is worth sending.
	life time.Duration
}

// queue is the one way by which texts leave crm: it notes the message and has it sent,
// in the transaction. A notice to a number that wants none is noted as withheld. The
// interaction is zero when one with this request id went out before.
func queue(ctx context.Context, tx pgx.Tx, m message) (interaction.Interaction, error) {
	m.Channel, m.Direction, m.Outcome = interaction.SMS, interaction.Out, interaction.Waiting
	if m.task == taskNotice {
		refuses, err := optout.Refuses(ctx, tx, m.Number)
		if err != nil {
			return interaction.Interaction{}, err
		}
		if refuses {
			m.Outcome = interaction.Withheld
		}
	}
	id, err := interaction.Insert(ctx, tx, m.Interaction)
	if err != nil || id == 0 {
		return interaction.Interaction{}, err
	}
	m.ID = id
	if m.Outcome == interaction.Withheld {
		return m.Interaction, nil
	}
	_, err = tx.Exec(ctx, `insert into crm.text_outbox (interaction, task, expire_time) values ($1, $2, $3)`, id, m.task, m.Time.Add(m.life))
	if err == nil {
		err = wake(ctx, tx)
	}
	if err != nil {
		return interaction.Interaction{}, fmt.Errorf("queue a text: %w", err)
	}
	return m.Interaction, nil
}

// takeBack has notices to the number taken back that the gateway may not have sent yet.
func takeBack(ctx context.Context, tx pgx.Tx, number string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into crm.text_outbox (interaction, task, expire_time)
		select id, $2, $3 from crm.interaction
		where number = $1 and direction = 'out' and reply_to is null and outcome = $4 and interaction_time > $5
		on conflict do nothing`,
		number, taskRecall, now.Add(noticeLife), interaction.HandedOver, now.Add(-noticeLife))
	if err == nil {
		err = wake(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("take notices back: %w", err)
	}
	return nil
}

func wake(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `select pg_notify($1, '')`, Channel)
	return err
}

// requestID is the request id by which the gateway is asked to send what follows from
// something that has an id of its own.
func requestID(kind, id string) string {
	space := uuid.MustParse("5f0c9d0e-6f1b-4b0e-9a53-0f6f7b1f6f25") // Made up for this.
	return uuid.NewSHA1(space, []byte(kind+":"+id)).String()
}
