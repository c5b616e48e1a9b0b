package postgres

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway/modem"
)

// key is what the parts of a text have in common.
type key struct {
	sim, sender string
	reference   int
	wide        bool
	total       int
}

func keyOf(p modem.Part) key {
	return key{p.SIM, p.From, p.Concat.Reference, p.Concat.Wide, p.Concat.Total}
}

// lock is the number of the advisory lock under which parts with the key are placed.
func (k key) lock() int64 {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "waybill long text %q %q %d %t %d", k.sim, k.sender, k.reference, k.wide, k.total)
	return int64(hash.Sum64()) //nolint:gosec // any number does
}

const (
	lockKeys = `select pg_advisory_xact_lock(k) from (select distinct k from unnest($1::bigint[]) as k order by k) as sorted`

	selectKeyed = `
select t.id, t.sim, t.sender, t.reference, t.wide, t.total, p.number, p.sent_time, p.pdu
from unnest($1::text[], $2::text[], $3::int[], $4::bool[], $5::int[]) as k (sim, sender, reference, wide, total)
join gateway.long_text as t on t.sender = k.sender and t.reference = k.reference and t.sim = k.sim
    and t.total = k.total and t.wide = k.wide
join gateway.text_part as p on p.long_text = t.id
order by t.id`

	insertText = `
with added as (
    insert into gateway.long_text (sim, sender, reference, wide, total, modem, missing, first_time, seen_time)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id)
insert into gateway.text_part (long_text, number, sent_time, pdu)
select added.id, part.* from added, unnest($9::int[], $10::timestamptz[], $11::bytea[]) as part`

	extendText = `
with grown as (
    update gateway.long_text set missing = missing - $2, modem = $3, seen_time = $4 where id = $1 returning id)
insert into gateway.text_part (long_text, number, sent_time, pdu)
select grown.id, part.* from grown, unnest($5::int[], $6::timestamptz[], $7::bytea[]) as part`

	// Who has the row in hand hands it over just now, and that it was seen is not worth waiting.
	seeTexts = `
update gateway.long_text set seen_time = $2
where id in (select id from gateway.long_text where id = any ($1) for update skip locked)`
)

// KeepParts implements [modem.Parts].
func (s *Store) KeepParts(ctx context.Context, parts []modem.Part) error {
	if len(parts) == 0 {
		return nil
	}
	// By key and time, so that of two texts with one reference the earlier is placed before the later.
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b modem.Part) int { return a.SentTime.Compare(b.SentTime) })
	now := time.Now()
	return s.in(ctx, func(tx pgx.Tx) error {
		texts, err := lockTexts(ctx, tx, parts)
		if err != nil {
			return err
		}
		for _, p := range parts {
			k := keyOf(p)
			pdu, err := hex.DecodeString(p.PDU)
			if err != nil {
				return fmt.Errorf("part %d from %s: %w", p.Concat.Number, p.From, err)
			}
			texts[k] = place(texts[k], keptPart{number: p.Concat.Number, sent: p.SentTime, pdu: pdu, modem: p.Modem})
		}
		var batch pgx.Batch
		var seen []int64
		for k, of := range texts {
			for _, t := range of {
				t.write(&batch, k, now)
				if t.seen && len(t.added) == 0 {
					seen = append(seen, t.id)
				}
			}
		}
		if len(seen) > 0 {
			batch.Queue(seeTexts, seen, now)
		}
		return tx.SendBatch(ctx, &batch).Close()
	})
}

// lockTexts reads what is kept with the keys of the parts, once nobody else places parts with them.
func lockTexts(ctx context.Context, tx pgx.Tx, parts []modem.Part) (map[key][]*keptText, error) {
	texts := make(map[key][]*keptText)
	for _, p := range parts {
		texts[keyOf(p)] = nil
	}
	var locks []int64
	var sims, senders []string
	var references, totals []int
	var wides []bool
	for k := range texts {
		locks = append(locks, k.lock())
		sims, senders, references = append(sims, k.sim), append(senders, k.sender), append(references, k.reference)
		wides, totals = append(wides, k.wide), append(totals, k.total)
	}
	if _, err := tx.Exec(ctx, lockKeys, locks); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectKeyed, sims, senders, references, wides, totals)
	if err != nil {
		return nil, err
	}
	var id int64
	var k key
	var part keptPart
	var sent *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &k.sim, &k.sender, &k.reference, &k.wide, &k.total, &part.number, &sent, &part.pdu}, func() error {
		of := texts[k]
		if len(of) == 0 || of[len(of)-1].id != id {
			of = append(of, &keptText{id: id})
		}
		kept := keptPart{number: part.number, pdu: slices.Clone(part.pdu)}
		if sent != nil {
			kept.sent = *sent
		}
		of[len(of)-1].parts = append(of[len(of)-1].parts, kept)
		texts[k] = of
		return nil
	})
	return texts, err
}

// write queues what has to be written of the text.
func (t *keptText) write(batch *pgx.Batch, k key, now time.Time) {
	if len(t.added) == 0 {
		return
	}
	slices.SortFunc(t.added, func(a, b keptPart) int { return cmp.Compare(a.number, b.number) })
	n := len(t.added)
	numbers, sent, pdus := make([]int, n), make([]*time.Time, n), make([][]byte, n)
	for i, p := range t.added {
		numbers[i], pdus[i] = p.number, p.pdu
		if !p.sent.IsZero() {
			sent[i] = &p.sent
		}
	}
	reader := t.added[n-1].modem
	if t.id == 0 {
		batch.Queue(insertText, k.sim, k.sender, k.reference, k.wide, k.total, reader, k.total-n, now, numbers, sent, pdus)
		return
	}
	batch.Queue(extendText, t.id, n, reader, now, numbers, sent, pdus)
}
