package postgres

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway"
)

const keepInputs = `
insert into gateway.rejected_input as kept
    (source, sender, origin, device, topic, reason, detail, digest, payload, payload_size, count, first_time, last_time, sent_time)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bytea[], $9::bytea[], $10::bigint[], $11::bigint[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[])
on conflict on constraint rejected_input_once do update set
    count = kept.count + excluded.count, last_time = greatest(kept.last_time, excluded.last_time),
    device = excluded.device, detail = excluded.detail, replay_time = null
returning origin, xmax = 0 as added`

// The oldest beyond a number of rows go, of one origin or of all. Rows that somebody else has in hand just now are left
// for the next time: waiting for them, two that flood would wait for each other.
const (
	boundOrigin = `delete from gateway.rejected_input where id in (
    select id from gateway.rejected_input where id in
        (select id from gateway.rejected_input where origin = $1 order by last_time desc, id desc offset $2)
    for update skip locked)`
	boundTotal = `delete from gateway.rejected_input where id in (
    select id from gateway.rejected_input where id in
        (select id from gateway.rejected_input order by last_time desc, id desc offset $1)
    for update skip locked)`
	// totalEvery is after how many new rows the total is looked at.
	totalEvery = 64
)

// Keep implements [gateway.Keeper].
func (s *Store) Keep(ctx context.Context, inputs []gateway.RejectedInput) (dropped int, err error) {
	if len(inputs) == 0 {
		return 0, nil
	}
	err = s.in(ctx, func(tx pgx.Tx) error {
		dropped = 0
		inputs, err := uncounted(ctx, tx, inputs)
		if err != nil || len(inputs) == 0 {
			return err
		}
		rows, err := tx.Query(ctx, keepInputs, columns(merge(inputs))...)
		if err != nil {
			return err
		}
		type result struct {
			Origin string
			Added  bool
		}
		results, err := pgx.CollectRows(rows, pgx.RowToStructByPos[result])
		if err != nil {
			return err
		}
		origins, added := make(map[string]bool), int64(0)
		for _, r := range results {
			if r.Added {
				origins[r.Origin] = true
				added++
			}
		}
		for origin := range origins {
			tag, err := tx.Exec(ctx, boundOrigin, origin, s.bounds.Origin)
			if err != nil {
				return err
			}
			dropped += int(tag.RowsAffected())
		}
		if added > 0 && s.added.Add(added)%totalEvery < added {
			tag, err := tx.Exec(ctx, boundTotal, s.bounds.Total)
			if err != nil {
				return err
			}
			dropped += int(tag.RowsAffected())
			if _, err := tx.Exec(ctx, forgetCounted, time.Now().Add(-countedFor)); err != nil {
				return err
			}
		}
		return nil
	})
	return dropped, err
}

type keyed struct {
	gateway.RejectedInput
	digest []byte
}

// merge makes one of what is the same, which one statement may not touch twice, and sorts, so that two transactions
// lock rows in the same order.
func merge(inputs []gateway.RejectedInput) []keyed {
	keys := make([]keyed, len(inputs))
	for i := range inputs {
		keys[i] = keyed{inputs[i], inputs[i].Digest()}
	}
	compare := func(a, b keyed) int {
		return cmp.Or(
			strings.Compare(a.Source, b.Source), strings.Compare(a.Sender, b.Sender),
			strings.Compare(string(a.Reason), string(b.Reason)), bytes.Compare(a.digest, b.digest))
	}
	slices.SortStableFunc(keys, compare)
	merged := keys[:1]
	for _, k := range keys[1:] {
		last := &merged[len(merged)-1]
		if compare(*last, k) != 0 {
			merged = append(merged, k)
			continue
		}
		last.Count += k.Count
		if k.LastTime.After(last.LastTime) {
			last.LastTime = k.LastTime
		}
	}
	return merged
}

// columns are the arguments of keepInputs.
func columns(inputs []keyed) []any {
	n := len(inputs)
	texts := make([][]string, 7)
	for i := range texts {
		texts[i] = make([]string, n)
	}
	digests, payloads := make([][]byte, n), make([][]byte, n)
	sizes, counts := make([]int64, n), make([]int64, n)
	firsts, lasts, sents := make([]time.Time, n), make([]time.Time, n), make([]*time.Time, n)
	for i := range inputs {
		in := &inputs[i]
		for j, v := range []string{in.Source, in.Sender, in.Origin, in.Device, in.Topic, string(in.Reason), in.Detail} {
			texts[j][i] = v
		}
		digests[i], payloads[i] = in.digest, in.Payload
		if payloads[i] == nil {
			payloads[i] = []byte{} // nil would be null
		}
		sizes[i], counts[i], firsts[i], lasts[i] = in.Size, in.Count, in.FirstTime, in.LastTime
		if !in.SentTime.IsZero() {
			sents[i] = &in.SentTime
		}
	}
	return []any{
		texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6],
		digests, payloads, sizes, counts, firsts, lasts, sents,
	}
}
