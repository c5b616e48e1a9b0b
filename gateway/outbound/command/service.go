package command

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"waybill/gateway"
	"waybill/gateway/outbound"
	"waybill/tracking"
)

const (
	// confirmWithin is how long a token confirms a command.
	confirmWithin = 2 * time.Minute
	// expireWithin is how long a command that has to be confirmed may take to be sent: an engine must not be cut off
	// when nobody thinks of it any more.
	expireWithin = 5 * time.Minute
)

// Store keeps commands and templates. Its methods return [tracking.ErrUnavailable] when it is away.
type Store interface {
	// AddCommand keeps a command, and queues the text unless it is nil; or returns the command of the same request.
	AddCommand(ctx context.Context, c Command, text *outbound.Text) (Command, error)
	// ConfirmCommand queues the text of a command that had to be confirmed, if the hash is its token's. One that is
	// confirmed already is returned as it is. It returns [tracking.ErrNotFound], [ErrToken], [ErrLate] or [ErrNothingToConfirm].
	ConfirmCommand(ctx context.Context, uid string, hash []byte, confirmer string, now time.Time, text func(Command) (outbound.Text, error)) (Command, error)
	// Command returns one, or [tracking.ErrNotFound].
	Command(ctx context.Context, uid string) (Command, error)
	// Commands lists those to the device, or to all when it is empty, the newest first, before the key unless it is zero.
	Commands(ctx context.Context, device string, before int64, limit int) ([]Command, error)
	// Answered notes the text with the oldest command to its device that it fits, and tells whether there was one.
	Answered(ctx context.Context, a gateway.Answer, fits func(*Command) bool) (bool, error)
	// Templates lists those of this installation.
	Templates(ctx context.Context) ([]Template, error)
	PutTemplate(ctx context.Context, t Template) error
	// DeleteTemplate returns [tracking.ErrNotFound].
	DeleteTemplate(ctx context.Context, model, kind string) error
}

// Devices knows the devices; it is part of [gateway.Directory].
type Devices interface {
	ByUID(ctx context.Context, uid string) (tracking.Device, error)
}

// Service gives commands to units, and hears their answers: it is a [gateway.Answers].
type Service struct {
	Store   Store
	Devices Devices
	// Wake is called when something was queued; it may be nil.
	Wake func()
}

// Request is what somebody wants of a unit.
type Request struct {
	RequestID  string
	Device     string
	Kind       string
	Parameters map[string]string
	Creator    string
}

// Send queues a command, or keeps it until it is confirmed with the token. A request that is repeated returns the command
// that is there, without a token. It fails with a [tracking.FieldError], [outbound.ErrFull] or [tracking.ErrUnavailable].
func (s *Service) Send(ctx context.Context, r Request) (c Command, token string, err error) {
	now := time.Now()
	c, confirm, err := s.compose(ctx, r, now)
	if err != nil {
		return c, "", err
	}
	text, err := c.text(now)
	if err != nil {
		return c, "", err
	}
	queued := &text
	if confirm {
		token = rand.Text()
		hash := sha256.Sum256([]byte(token))
		c.ConfirmHash, c.ConfirmUntil, queued = hash[:], now.Add(confirmWithin), nil
	}
	kept, err := s.Store.AddCommand(ctx, c, queued)
	if err != nil {
		return c, "", fmt.Errorf("give a command: %w", err)
	}
	if kept.UID != c.UID {
		token = ""
		if kept.Device != c.Device || kept.Kind != c.Kind || kept.Body != c.Body {
			return c, "", &tracking.FieldError{
				Field: "request_id", Err: tracking.ErrExists, Advice: "another command was given with this request id; use a new one for a new command",
			}
		}
	}
	s.wake()
	return kept, token, nil
}

// compose writes the command, and tells whether it has to be confirmed.
func (s *Service) compose(ctx context.Context, r Request, now time.Time) (Command, bool, error) {
	if len(r.RequestID) > 200 {
		return Command{}, false, wrong("request_id", "use at most 200 bytes, best a UUID")
	}
	device, err := s.Devices.ByUID(ctx, r.Device)
	switch {
	case errors.Is(err, tracking.ErrNotFound):
		return Command{}, false, &tracking.FieldError{Field: "device", Err: tracking.ErrNotFound, Advice: fmt.Sprintf("there is no device %q; list them, and check the id", r.Device)}
	case err != nil:
		return Command{}, false, err
	case device.Phone == "":
		return Command{}, false, wrong("device", fmt.Sprintf("the device %[1]s has no phone number; give it that of its SIM: waybill device phone %[1]s NUMBER", device.UID))
	case device.Disabled:
		return Command{}, false, wrong("device", fmt.Sprintf("the device %s is disabled; enable it first", device.UID))
	}
	template, err := s.template(ctx, device, r.Kind)
	if err != nil {
		return Command{}, false, err
	}
	body, shown, err := template.Write(r.Parameters)
	if err != nil {
		return Command{}, false, err
	}
	c := Command{
		UID: outbound.NewUID(), RequestID: r.RequestID, Device: device.UID, Kind: template.Kind, Model: template.Model, To: device.Phone, Body: body, Shown: shown,
		AnswerPattern: template.AnswerPattern, AnswerPosition: template.AnswerPosition, AnswerWithin: template.AnswerWithin,
		Once: template.Confirm, ExpireWithin: outbound.Life(outbound.Command), Creator: r.Creator, CreateTime: now,
	}
	if template.Confirm {
		c.ExpireWithin = expireWithin
	}
	return c, template.Confirm, nil
}

// template is that of the device's model, or says in a [tracking.FieldError] what there is instead.
func (s *Service) template(ctx context.Context, device tracking.Device, kind string) (Template, error) {
	all, err := s.Templates(ctx, "")
	if err != nil {
		return Template{}, err
	}
	models, kinds := make(map[string]bool), make(map[string]bool)
	for _, t := range all {
		models[t.Model] = true
		if t.Model == device.Model {
			kinds[t.Kind] = true
			if t.Kind == kind {
				return t, nil
			}
		}
	}
	switch {
	case device.Model == "":
		return Template{}, wrong("device", fmt.Sprintf("the device %s has no model, which says how commands are written; give it one of: %s", device.UID, listed(models)))
	case !models[device.Model]:
		return Template{}, wrong("device", fmt.Sprintf("there are no commands for the model %s; add a template, or give the device one of: %s", device.Model, listed(models)))
	}
	return Template{}, wrong("kind", fmt.Sprintf("%q is no command of the model %s; use one of: %s", kind, device.Model, listed(kinds)))
}

// Templates lists those of the model, or all when it is empty: those of this installation instead of built-in ones of
// the same model and kind.
func (s *Service) Templates(ctx context.Context, model string) ([]Template, error) {
	own, err := s.Store.Templates(ctx)
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	type key struct{ model, kind string }
	merged := make(map[key]Template)
	for _, t := range append(BuiltIn(), own...) {
		if model == "" || t.Model == model {
			merged[key{t.Model, t.Kind}] = t
		}
	}
	return slices.SortedFunc(maps.Values(merged), func(a, b Template) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Kind, b.Kind))
	}), nil
}

// PutTemplate adds or changes one of this installation. It fails with a [tracking.FieldError]. One of a kind that can do
// harm has to be confirmed, whoever wrote it.
func (s *Service) PutTemplate(ctx context.Context, t Template) (Template, error) {
	t.BuiltIn = false
	t.Confirm = t.Confirm || t.Kind == CutOff || t.Kind == Restore
	if err := t.Check(); err != nil {
		return t, err
	}
	if err := s.Store.PutTemplate(ctx, t); err != nil {
		return t, fmt.Errorf("put a template: %w", err)
	}
	return t, nil
}

// Confirm queues a command that had to be confirmed. It fails as [Store.ConfirmCommand] does.
func (s *Service) Confirm(ctx context.Context, uid, token, confirmer string) (Command, error) {
	hash := sha256.Sum256([]byte(token))
	now := time.Now()
	c, err := s.Store.ConfirmCommand(ctx, uid, hash[:], confirmer, now, func(c Command) (outbound.Text, error) { return c.text(now) })
	if err != nil {
		return c, fmt.Errorf("confirm a command: %w", err)
	}
	s.wake()
	return c, nil
}

// Answer implements [gateway.Answers].
func (s *Service) Answer(ctx context.Context, a gateway.Answer) (bool, error) {
	return s.Store.Answered(ctx, a, func(c *Command) bool { return c.Fits(a) })
}

func (s *Service) wake() {
	if s.Wake != nil {
		s.Wake()
	}
}
