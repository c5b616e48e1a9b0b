package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/internal/access"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
)

const (
	commands  = "commands/"
	templates = "commandTemplates/"
)

// CommandServer serves CommandService.
type CommandServer struct {
	gatewayv1.UnimplementedCommandServiceServer
	service *command.Service
	log     *slog.Logger
}

// NewCommandServer makes the server.
func NewCommandServer(service *command.Service, log *slog.Logger) *CommandServer {
	return &CommandServer{service: service, log: log}
}

// ListCommandTemplates implements the service.
func (s *CommandServer) ListCommandTemplates(
	ctx context.Context, q *gatewayv1.ListCommandTemplatesRequest,
) (*gatewayv1.ListCommandTemplatesResponse, error) {
	all, err := s.service.Templates(ctx, q.GetModel())
	if err != nil {
		return nil, s.answer(ctx, "ListCommandTemplates", "", err)
	}
	response := &gatewayv1.ListCommandTemplatesResponse{}
	for _, t := range all {
		if access.FromContext(ctx).Role != access.Admin { // Who writes them may read the passwords in them.
			t.Body = t.Shown()
		}
		response.CommandTemplates = append(response.CommandTemplates, templateToWire(t))
	}
	return response, nil
}

// PutCommandTemplate implements the service.
func (s *CommandServer) PutCommandTemplate(ctx context.Context, q *gatewayv1.PutCommandTemplateRequest) (*gatewayv1.PutCommandTemplateResponse, error) {
	wire := q.GetCommandTemplate()
	model, kind, err := templateName("command_template.name", wire.GetName())
	if err != nil {
		return nil, err
	}
	t, err := s.service.PutTemplate(ctx, command.Template{
		Model: model, Kind: kind, DisplayName: wire.GetDisplayName(), Body: wire.GetBody(), AnswerPattern: wire.GetAnswerPattern(),
		AnswerPosition: wire.GetAnswerPosition(), AnswerWithin: wire.GetAnswerWithin().AsDuration(), Confirm: wire.GetConfirm(),
	})
	var field *tracking.FieldError
	if errors.As(err, &field) {
		return nil, rpcerr.Invalid(rpcerr.Field("command_template."+field.Field, field.Advice))
	}
	if err != nil {
		return nil, s.answer(ctx, "PutCommandTemplate", "", err)
	}
	return &gatewayv1.PutCommandTemplateResponse{CommandTemplate: templateToWire(t)}, nil
}

// DeleteCommandTemplate implements the service.
func (s *CommandServer) DeleteCommandTemplate(
	ctx context.Context, q *gatewayv1.DeleteCommandTemplateRequest,
) (*gatewayv1.DeleteCommandTemplateResponse, error) {
	model, kind, err := templateName("name", q.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.service.Store.DeleteTemplate(ctx, model, kind); err != nil {
		return nil, s.answer(ctx, "DeleteCommandTemplate", q.GetName(), err)
	}
	return &gatewayv1.DeleteCommandTemplateResponse{}, nil
}

// SendCommand implements the service.
func (s *CommandServer) SendCommand(ctx context.Context, q *gatewayv1.SendCommandRequest) (*gatewayv1.SendCommandResponse, error) {
	device, err := deviceOf("device", q.GetDevice())
	if err != nil {
		return nil, err
	}
	c, token, err := s.service.Send(ctx, command.Request{
		RequestID: q.GetRequestId(), Device: device, Kind: q.GetKind(), Parameters: q.GetParameters(), Creator: caller(ctx),
	})
	if err != nil {
		return nil, s.answer(ctx, "SendCommand", q.GetDevice(), err)
	}
	cost, err := outbound.Estimate(c.Body)
	if err != nil {
		return nil, s.answer(ctx, "SendCommand", q.GetDevice(), err)
	}
	return &gatewayv1.SendCommandResponse{Command: commandToWire(c, time.Now()), ConfirmToken: token, Cost: costToWire(cost)}, nil
}

// ConfirmCommand implements the service.
func (s *CommandServer) ConfirmCommand(ctx context.Context, q *gatewayv1.ConfirmCommandRequest) (*gatewayv1.ConfirmCommandResponse, error) {
	uid, err := nameOf(commands, q.GetName())
	if err != nil {
		return nil, err
	}
	c, err := s.service.Confirm(ctx, uid, q.GetConfirmToken(), caller(ctx))
	if err != nil {
		return nil, s.answer(ctx, "ConfirmCommand", q.GetName(), err)
	}
	return &gatewayv1.ConfirmCommandResponse{Command: commandToWire(c, time.Now())}, nil
}

// GetCommand implements the service.
func (s *CommandServer) GetCommand(ctx context.Context, q *gatewayv1.GetCommandRequest) (*gatewayv1.GetCommandResponse, error) {
	uid, err := nameOf(commands, q.GetName())
	if err != nil {
		return nil, err
	}
	c, err := s.service.Store.Command(ctx, uid)
	if err != nil {
		return nil, s.answer(ctx, "GetCommand", q.GetName(), err)
	}
	return &gatewayv1.GetCommandResponse{Command: commandToWire(c, time.Now())}, nil
}

// ListCommands implements the service.
func (s *CommandServer) ListCommands(ctx context.Context, q *gatewayv1.ListCommandsRequest) (*gatewayv1.ListCommandsResponse, error) {
	var before int64
	if err := paging.Decode(q.GetPageToken(), &before); err != nil {
		return nil, rpcerr.From(err)
	}
	device := ""
	if q.GetDevice() != "" {
		var err error
		if device, err = deviceOf("device", q.GetDevice()); err != nil {
			return nil, err
		}
	}
	size := paging.Size(q.GetPageSize(), usualPage, mostPage)
	rows, err := s.service.Store.Commands(ctx, device, before, size+1)
	if err != nil {
		return nil, s.answer(ctx, "ListCommands", "", err)
	}
	page, next, err := paging.Cut(rows, size, func(c command.Command) any { return c.Key })
	if err != nil {
		return nil, s.answer(ctx, "ListCommands", "", err)
	}
	response, now := &gatewayv1.ListCommandsResponse{NextPageToken: next}, time.Now()
	for i := range page {
		response.Commands = append(response.Commands, commandToWire(page[i], now))
	}
	return response, nil
}

func (s *CommandServer) answer(ctx context.Context, call, name string, err error) error {
	switch {
	case errors.Is(err, command.ErrToken):
		return rpcerr.New(codes.FailedPrecondition, "CONFIRM_TOKEN_WRONG", "the token is not that of the command; give the one that SendCommand returned")
	case errors.Is(err, command.ErrLate):
		return rpcerr.New(codes.FailedPrecondition, "CONFIRM_TOKEN_EXPIRED", "the time to confirm it is over; give the command anew if it is still wanted")
	case errors.Is(err, command.ErrNothingToConfirm):
		return rpcerr.New(codes.FailedPrecondition, "NOTHING_TO_CONFIRM", "the command needs no confirmation and was queued at once")
	}
	return outboundError(ctx, s.log, call, name, err)
}

// deviceOf reads a device's resource name that stands in the field.
func deviceOf(field, name string) (string, error) {
	uid, ok := strings.CutPrefix(name, devices)
	if !ok || tracking.CheckUID(field, uid) != nil {
		return "", rpcerr.Invalid(rpcerr.Field(field, "give the device's resource name, such as devices/truck-1"))
	}
	return uid, nil
}

// templateName reads `commandTemplates/{model}.{kind}`.
func templateName(field, name string) (model, kind string, err error) {
	rest, ok := strings.CutPrefix(name, templates)
	model, kind, dot := strings.Cut(rest, ".")
	if !ok || !dot {
		return "", "", rpcerr.Invalid(rpcerr.Field(field, "give a name like commandTemplates/concox.cut-off: the model, a dot, the kind"))
	}
	return model, kind, nil
}

func templateToWire(t command.Template) *gatewayv1.CommandTemplate {
	wire := &gatewayv1.CommandTemplate{
		Name: templates + t.Model + "." + t.Kind, Model: t.Model, Kind: t.Kind, DisplayName: t.DisplayName, Body: t.Body,
		AnswerPattern: t.AnswerPattern, AnswerPosition: t.AnswerPosition, Confirm: t.Confirm, BuiltIn: t.BuiltIn,
	}
	if t.AnswerWithin > 0 {
		wire.AnswerWithin = durationpb.New(t.AnswerWithin)
	}
	return wire
}

func commandToWire(c command.Command, now time.Time) *gatewayv1.Command {
	wire := &gatewayv1.Command{
		Name: commands + c.UID, Device: devices + c.Device, Kind: c.Kind, Model: c.Model, Body: c.Shown, State: stateToWire(c.Text.State),
		Detail: c.Text.Detail, Answer: c.Answer, AnswerTime: timeOrNil(c.AnswerTime), Creator: c.Creator, CreateTime: timeOrNil(c.CreateTime),
		ConfirmExpireTime: timeOrNil(c.ConfirmUntil), Confirmer: c.Confirmer, ConfirmTime: timeOrNil(c.ConfirmTime),
	}
	switch {
	case c.Text.UID != "":
		wire.Text = texts + c.Text.UID
	case c.Lapsed(now):
		wire.State, wire.Detail = gatewayv1.TextState_TEXT_STATE_EXPIRED, "nobody confirmed it in time, and it was not sent; give it anew where it is still wanted"
	default:
		wire.Detail = "it waits to be confirmed, and is not sent before"
	}
	return wire
}
