package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"waybill/internal/lifecycle"
	"waybill/tracking"
)

// Intake is the one place that all input passes.
type Intake struct {
	sink    Sink
	events  EventSink // nil where there is none
	keeper  Keeper
	log     *slog.Logger
	metrics *metrics
	pace    *pace
	health  health
}

// Accept reads a message that came by the road, delivers its fixes and keeps what is rejected of it. No error means
// that all of it is durable: acknowledge the source. With an error don't: the source must send again. The error is
// [tracking.ErrUnavailable] when the stores are the cause.
//
// An origin that sends more rubbish than it may is held back here if the message is [Message.Alone].
func (in *Intake) Accept(ctx context.Context, road Road, m *Message) error {
	tally, err := in.run(ctx, road, m)
	if err == nil {
		err = in.keep(ctx, m, tally.Rejected)
	}
	in.health.note(err)
	if err != nil {
		in.metrics.deferred.WithLabelValues(m.Road).Inc()
		return err
	}
	in.metrics.count(m, tally)
	return nil
}

// Reject keeps a message that its road could not even read. Errors are those of [Intake.Accept].
func (in *Intake) Reject(ctx context.Context, m *Message, device string, why *Rejection) error {
	return in.Accept(ctx, refusal{device: device, why: why}, m)
}

// refusal is the road of messages that are rejected without reading them.
type refusal struct {
	device string
	why    *Rejection
}

func (r refusal) Read(context.Context, *Message) (Reading, error) {
	return Reading{Device: r.device}, r.why
}

// Down says that the stores failed just now, so that new sources are better refused at the door than kept waiting.
func (in *Intake) Down() bool { return in.health.down(time.Now()) }

// Missed tells the intake what a [Directory] said to a road that asked it before there was a message: when the stores
// are the cause, new sources need not wait to find that out one by one.
func (in *Intake) Missed(err error) {
	if err != nil {
		in.health.note(err)
	}
}

// Tally is what became of the reports in one message.
type Tally struct {
	Stored     int
	Duplicates int
	// Events is how many alarms without a fix were told.
	Events int
	// Rejected are those that could not be stored, or conflict, ready to be kept.
	Rejected []RejectedInput
}

// run does everything short of keeping what is rejected.
func (in *Intake) run(ctx context.Context, road Road, m *Message) (Tally, error) {
	reading, err := road.Read(ctx, m)
	if err != nil {
		why := rejection(err)
		if why == nil {
			return Tally{}, fmt.Errorf("read a message from %s: %w", m.Sender, err)
		}
		return in.refuse(ctx, m, reading, why)
	}
	reports, parts := reports(m, reading)
	if len(reports) == 0 {
		return in.judge(m, reading, nil, nil), nil
	}
	outcomes, err := in.sink.Deliver(ctx, reports)
	switch {
	case err != nil:
		return Tally{}, fmt.Errorf("deliver fixes of %s: %w", reading.Device, err)
	case len(outcomes) != len(reports):
		return Tally{}, fmt.Errorf("deliver fixes of %s: %d outcomes for %d reports: %w", reading.Device, len(outcomes), len(reports), tracking.ErrUnavailable)
	}
	for _, o := range outcomes {
		if !final(o.Kind) {
			return Tally{}, fmt.Errorf("deliver fixes of %s: nothing was decided: %w", reading.Device, tracking.ErrUnavailable)
		}
	}
	tally := in.judge(m, reading, outcomes, parts)
	word, at := refusedAlarm(reading, outcomes, parts)
	told, err := in.tell(ctx, m, reading, word, at)
	if err != nil {
		return Tally{}, err
	}
	if told {
		tally.Events++
	}
	return tally, nil
}

// refuse is the end of a message that can't be used, but for the alarm in it.
func (in *Intake) refuse(ctx context.Context, m *Message, reading Reading, why *Rejection) (Tally, error) {
	told, err := in.tell(ctx, m, reading, reading.Alarm, time.Time{})
	switch {
	case err != nil:
		return Tally{}, err
	case told && why.Reason == ReasonNoFix:
		return Tally{Events: 1}, nil // all of it was understood
	case told:
		return Tally{Events: 1, Rejected: []RejectedInput{rejected(m, reading, why, nil)}}, nil
	}
	return Tally{Rejected: []RejectedInput{rejected(m, reading, why, nil)}}, nil
}

// reports gives the fixes of a reading as reports, and the index of the part that each came from.
func reports(m *Message, reading Reading) ([]tracking.Report, []int) {
	reports := make([]tracking.Report, 0, len(reading.Parts))
	parts := make([]int, 0, len(reading.Parts))
	for i := range reading.Parts {
		if reading.Parts[i].Err != nil {
			continue
		}
		reports = append(reports, tracking.Report{
			Device: reading.Device, Received: m.Received, Source: source(m, reading), Fix: reading.Parts[i].Fix,
		})
		parts = append(parts, i)
	}
	return reports, parts
}

// final says that an outcome may be acknowledged. A kind that we don't know may not.
func final(k tracking.OutcomeKind) bool {
	switch k {
	case tracking.Stored, tracking.Duplicate, tracking.Conflict, tracking.Rejected:
		return true
	case tracking.Retry:
		return false
	default:
		return false
	}
}

// judge puts together what the codec and the sink said.
func (in *Intake) judge(m *Message, reading Reading, outcomes []tracking.Outcome, parts []int) Tally {
	var t Tally
	why := make(map[int]*Rejection)
	for i := range reading.Parts {
		if err := reading.Parts[i].Err; err != nil {
			if why[i] = rejection(err); why[i] == nil {
				why[i] = &Rejection{Reason: ReasonUnknownFormat, Detail: err.Error()}
			}
		}
	}
	for i, o := range outcomes {
		switch o.Kind {
		case tracking.Stored:
			t.Stored++
		case tracking.Duplicate:
			t.Duplicates++
		case tracking.Conflict, tracking.Rejected:
			why[parts[i]] = &Rejection{Reason: o.Reason, Detail: o.Detail}
		case tracking.Retry: // sorted out before
		}
	}
	t.Rejected = rejectedParts(m, reading, why)
	return t
}

// maxParts is how many bad reports of one message are kept one by one. With more the message is kept whole.
const maxParts = 32

func rejectedParts(m *Message, reading Reading, why map[int]*Rejection) []RejectedInput {
	if len(why) == 0 {
		return nil
	}
	if len(why) > maxParts {
		for i := range reading.Parts { // the first in the message's order
			if first := why[i]; first != nil {
				first.Detail = fmt.Sprintf("%d of %d reports in the message; number %d: %s", len(why), len(reading.Parts), i+1, first.Detail)
				return []RejectedInput{rejected(m, reading, first, nil)}
			}
		}
	}
	inputs := make([]RejectedInput, 0, len(why))
	for i := range reading.Parts {
		if why[i] != nil {
			inputs = append(inputs, rejected(m, reading, why[i], reading.Parts[i].Raw))
		}
	}
	return inputs
}

// keep makes rejected input durable, at the pace that its origin may have.
func (in *Intake) keep(ctx context.Context, m *Message, inputs []RejectedInput) error {
	if len(inputs) == 0 {
		return nil
	}
	delay := in.pace.spend(m.origin(), len(inputs))
	if delay > 0 && !m.Alone {
		in.metrics.dropped.WithLabelValues("flood").Add(float64(len(inputs)))
		return nil
	}
	dropped, err := in.keeper.Keep(ctx, inputs)
	if err != nil {
		return fmt.Errorf("keep rejected input of %s: %w", m.Sender, err)
	}
	in.metrics.dropped.WithLabelValues("bound").Add(float64(dropped))
	first := &inputs[0]
	in.log.LogAttrs(ctx, slog.LevelInfo, "input rejected", slog.String("source", first.Source), slog.String("sender", first.Sender),
		slog.String("reason", string(first.Reason)), slog.Int("reports", len(inputs)), slog.Duration("slowed", delay))
	// What is kept is kept: an end of the wait, even by the context, changes nothing about that.
	_ = lifecycle.Pause(ctx, delay)
	return nil
}
