package pattern

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"waybill/gateway"
	"waybill/tracking"
)

// recoverPage is how many rejected texts are looked at at once.
const recoverPage = 200

// Recovery is what became of rejected texts that a pattern matches.
type Recovery struct {
	// Looked is how many texts that no format could read were looked at, and Matched how many of them a pattern matches.
	Looked, Matched int
	// Recovered is how many became a fix or an alarm, and Stored and Duplicates how many fixes that were.
	Recovered, Stored, Duplicates int
	// Refused are those that matched and were rejected again, with why.
	Refused []gateway.RejectedInput
}

// Recover runs the rejected texts that a pattern matches through the gateway again, those that came first first: those
// of one pattern, or with an empty uid those of any. What was recovered before is left alone; a run that was broken off
// is simply done again. It returns [tracking.ErrNotFound] when there is no such pattern.
func (t *Teacher) Recover(ctx context.Context, uid string) (Recovery, error) {
	patterns, err := t.Book.Patterns(ctx)
	if err != nil {
		return Recovery{}, err
	}
	if uid != "" {
		if patterns = only(patterns, uid); len(patterns) == 0 {
			return Recovery{}, tracking.ErrNotFound
		}
	}
	var r Recovery
	for after := int64(0); ; {
		inputs, err := t.Inputs.UndecodedTexts(ctx, after, recoverPage)
		if err != nil {
			return r, err
		}
		for i := range inputs {
			r.Looked++
			if matches(patterns, &inputs[i]) {
				r.Matched++
				if err := t.recover(ctx, inputs[i].ID, &r); err != nil {
					return r, fmt.Errorf("recover rejectedInputs/%d: %w", inputs[i].ID, err)
				}
			}
		}
		if len(inputs) < recoverPage {
			return r, nil
		}
		after = inputs[len(inputs)-1].ID
	}
}

func only(patterns []*Compiled, uid string) []*Compiled {
	for _, p := range patterns {
		if p.UID == uid {
			return []*Compiled{p}
		}
	}
	return nil
}

func matches(patterns []*Compiled, input *gateway.RejectedInput) bool {
	text := strings.ToValidUTF8(string(input.Payload), "\uFFFD")
	for _, p := range patterns {
		if _, ok := p.Read(text, input.Sent(), nil); ok {
			return true
		}
	}
	return false
}

func (t *Teacher) recover(ctx context.Context, id int64, r *Recovery) error {
	tally, input, err := t.Replayer.Replay(ctx, id)
	switch {
	case errors.Is(err, gateway.ErrNoInput):
		return nil // it went to make room meanwhile
	case err != nil:
		return err
	case len(tally.Rejected) > 0:
		r.Refused = append(r.Refused, input)
	default:
		r.Recovered++
	}
	r.Stored += tally.Stored
	r.Duplicates += tally.Duplicates
	return nil
}
