package modem

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"waybill/gateway/modem/sms"
	"waybill/tracking"
)

// Assembler hands long texts over once all their parts are kept, and gives up those whose parts don't come. The parts
// are in a store that outlives processes, so it does not matter which modem read them, when, or in which order; each
// process that reads modems runs one.
type Assembler struct {
	cfg  AssemblerConfig
	wake chan struct{} // Cap 1: parts were kept.
}

// AssemblerConfig is what an assembler needs. Store and Handler are required; zero values take the defaults named.
type AssemblerConfig struct {
	Store   LongTexts
	Handler Handler

	Wait     time.Duration // How long the parts of a text are waited for: 24 h.
	Keep     time.Duration // How long the parts of texts that are done with are remembered: a week.
	Interval time.Duration // How often it looks without being woken: 10 s.
	Timeout  time.Duration // How long handing over one text may take: 30 s.

	Logger *slog.Logger // Discards by default.
}

// maxTries is how often a text is handed over that the handler fails at, for no lack of a store: then it is the text.
const maxTries = 20

// NewAssembler makes an assembler; Run starts it.
func NewAssembler(cfg AssemblerConfig) *Assembler {
	cfg.Wait = cmp.Or(cfg.Wait, 24*time.Hour)
	cfg.Keep = cmp.Or(cfg.Keep, 7*24*time.Hour)
	cfg.Interval = cmp.Or(cfg.Interval, 10*time.Second)
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Second)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Assembler{cfg: cfg, wake: make(chan struct{}, 1)}
}

// KeepParts implements [Parts].
func (a *Assembler) KeepParts(ctx context.Context, parts []Part) error {
	if err := a.cfg.Store.KeepParts(ctx, parts); err != nil {
		return fmt.Errorf("keep parts of long texts: %w", err)
	}
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run hands texts over until the context ends, and returns nil then.
func (a *Assembler) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var cleaned time.Time
	wait := backoff{least: time.Second, most: a.cfg.Interval}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-a.wake:
		}
		err := a.round(ctx)
		if now := time.Now(); err == nil && now.Sub(cleaned) > time.Hour {
			err = a.cfg.Store.ForgetParts(ctx, now.Add(-a.cfg.Keep))
			cleaned = now
		}
		next := a.cfg.Interval
		if err != nil && ctx.Err() == nil {
			a.cfg.Logger.WarnContext(ctx, "a long text could not be taken in and waits in the database", "error", err)
			next = wait.step()
		} else {
			wait.reset()
		}
		timer.Reset(next)
	}
}

// round hands over whatever there is, each text once at most.
func (a *Assembler) round(ctx context.Context) error {
	begin := time.Now()
	var failure error
	for _, take := range []func() (bool, error){
		func() (bool, error) { return a.cfg.Store.TakeWhole(ctx, begin, a.whole) },
		func() (bool, error) {
			return a.cfg.Store.TakeIncomplete(ctx, begin.Add(-a.cfg.Wait), begin, a.incomplete)
		},
	} {
		for {
			found, err := take()
			failure = cmp.Or(failure, err)
			if !found || err != nil && unavailable(err) || ctx.Err() != nil {
				break
			}
		}
	}
	return failure
}

// unavailable says that it is not the text.
func unavailable(err error) bool { return tracking.IsRetryable(err) }

// whole hands a text over whose parts are all there.
func (a *Assembler) whole(ctx context.Context, long LongText) error {
	text := long.text()
	m, err := sms.Join(text.PDUs)
	switch {
	case err != nil:
		text.Problem = err
	case long.Tries >= maxTries:
		text.Problem = ErrFails
	}
	text.Body, text.Data = m.Text, m.Data
	return a.hand(ctx, text)
}

// incomplete hands over what there is.
func (a *Assembler) incomplete(ctx context.Context, long LongText) error {
	text := long.text()
	missing := &IncompleteError{Total: long.Total}
	for from := 0; from < len(long.Parts); {
		to := from + 1
		for to < len(long.Parts) && long.Parts[to].Concat.Number == long.Parts[to-1].Concat.Number+1 {
			to++
		}
		m, err := sms.Join(text.PDUs[from:to])
		if err != nil {
			text.Problem = err
			return a.hand(ctx, text)
		}
		missing.Pieces = append(missing.Pieces, Piece{
			First: long.Parts[from].Concat.Number, Last: long.Parts[to-1].Concat.Number, Body: m.Text, Data: m.Data,
		})
		from = to
	}
	text.Problem = missing
	return a.hand(ctx, text)
}

func (a *Assembler) hand(ctx context.Context, text Text) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	return a.cfg.Handler.HandleText(ctx, text)
}

// text is all of it but what it says.
func (l LongText) text() Text {
	text := Text{Modem: l.Modem, SIM: l.SIM, From: l.From}
	for _, p := range l.Parts {
		text.PDUs = append(text.PDUs, p.PDU)
		if text.SentTime.IsZero() {
			text.SentTime = p.SentTime
		}
	}
	text.ID = textID(text.SIM, text.From, text.SentTime, text.PDUs)
	return text
}
