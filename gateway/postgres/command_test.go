package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/gateway/postgres"
	"waybill/tracking"
)

// fleet knows devices by uid.
type fleet map[string]tracking.Device

func (f fleet) ByUID(_ context.Context, uid string) (tracking.Device, error) {
	d, ok := f[uid]
	if !ok {
		return d, tracking.ErrNotFound
	}
	return d, nil
}

func newService(l *lab) *command.Service {
	return &command.Service{Store: postgres.NewCommands(l.pool), Devices: fleet{
		"truck":  {UID: "truck", Phone: number, Model: "concox"},
		"blank":  {UID: "blank", Phone: number},
		"mute":   {UID: "mute", Model: "concox"},
		"exotic": {UID: "exotic", Phone: number, Model: "exotic"},
		"off":    {UID: "off", Phone: number, Model: "concox", Disabled: true},
	}}
}

func give(t *testing.T, s *command.Service, kind string) (command.Command, string) {
	t.Helper()
	c, token, err := s.Send(t.Context(), command.Request{Device: "truck", Kind: kind, Creator: "desk"})
	require.NoError(t, err)
	return c, token
}

func answer(id, body string) gateway.Answer {
	return gateway.Answer{ID: id, Device: "truck", Body: body, Time: time.Now(), Received: time.Now()}
}

func TestCommandIsAnswered(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	first, token := give(t, s, command.Position)
	require.Empty(t, token)
	require.Equal(t, outbound.Queued, first.Text.State)
	second, _ := give(t, s, command.Restart)
	position := answer("a", "Lat:N22.571285,Lon:E113.877115")
	position.Position = true
	answers, err := s.Answer(t.Context(), position)
	require.NoError(t, err)
	require.False(t, answers, "nobody has asked yet")

	sent := l.take(t, "1", 1)
	require.Equal(t, first.UID, sent.Command)
	l.take(t, "1", 2)
	require.Equal(t, outbound.Used, l.report(t, "1", 1, 0))
	got := l.get(t, sent.UID)
	require.Equal(t, outbound.Delivered, got.State)
	require.True(t, got.EndTime.IsZero(), "the answer is awaited")

	other := answer("b", "Lat:N22.571285,Lon:E113.877115")
	other.Device, other.Position = "blank", true
	answers, err = s.Answer(t.Context(), other)
	require.NoError(t, err)
	require.False(t, answers, "another device")
	for range 2 { // The text is read twice.
		answers, err = s.Answer(t.Context(), position)
		require.NoError(t, err)
		require.True(t, answers)
	}
	c, err := s.Store.Command(t.Context(), first.UID)
	require.NoError(t, err)
	require.Equal(t, outbound.Answered, c.Text.State)
	require.Equal(t, position.Body, c.Answer)
	require.False(t, l.get(t, sent.UID).EndTime.IsZero())
	c, err = s.Store.Command(t.Context(), second.UID)
	require.NoError(t, err)
	require.Equal(t, outbound.Sent, c.Text.State, "its answer is another")
	answers, err = s.Answer(t.Context(), answer("c", "The terminal will RESTART in a minute"))
	require.NoError(t, err)
	require.True(t, answers)
	require.Equal(t, outbound.Used, l.report(t, "1", 2, 0), "a report that is later than the answer")
	c, err = s.Store.Command(t.Context(), second.UID)
	require.NoError(t, err)
	require.Equal(t, outbound.Answered, c.Text.State)
}

func TestAnAnswerBeforeTheModemHasSpoken(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	c, _ := give(t, s, command.Restart)
	text, _ := l.claim(t, "1")
	answers, err := s.Answer(t.Context(), answer("a", "OK"))
	require.NoError(t, err)
	require.True(t, answers)
	require.NoError(t, l.Settle(t.Context(), text, outbound.Outcome{Fate: outbound.Taken, Reference: 1, Time: time.Now()}))
	c, err = s.Store.Command(t.Context(), c.UID)
	require.NoError(t, err)
	require.Equal(t, outbound.Answered, c.Text.State)
}

func TestOldTextsAnswerNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	c, _ := give(t, s, command.Restart)
	l.take(t, "1", 1)
	old := answer("a", "OK")
	old.Time = old.Time.Add(-time.Hour)
	answers, err := s.Answer(t.Context(), old)
	require.NoError(t, err)
	require.False(t, answers)
	late := answer("b", "OK")
	late.Received = late.Received.Add(time.Hour)
	answers, err = s.Answer(t.Context(), late)
	require.NoError(t, err)
	require.False(t, answers)
	require.Equal(t, outbound.Sent, l.get(t, c.Text.UID).State)
}

func TestCutOffIsConfirmedAndSentOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	c, token := give(t, s, command.CutOff)
	require.NotEmpty(t, token)
	require.Empty(t, c.Text.UID)
	_, found := l.claim(t, "1")
	require.False(t, found, "nothing is sent before it is confirmed")
	_, err := s.Confirm(t.Context(), c.UID, "guess", "chief")
	require.ErrorIs(t, err, command.ErrToken)
	_, err = s.Confirm(t.Context(), "nosuch", token, "chief")
	require.ErrorIs(t, err, tracking.ErrNotFound)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := s.Confirm(t.Context(), c.UID, token, "chief"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	c, err = s.Store.Command(t.Context(), c.UID)
	require.NoError(t, err)
	require.Equal(t, []any{"desk", "chief", outbound.Queued}, []any{c.Creator, c.Confirmer, c.Text.State})
	require.False(t, c.ConfirmTime.IsZero())
	text, found := l.claim(t, "1")
	require.True(t, found)
	require.True(t, text.Once)
	require.Equal(t, "RELAY,1#", text.Body)
	require.LessOrEqual(t, time.Until(text.ExpireTime), 5*time.Minute)
	_, found = l.claim(t, "1")
	require.False(t, found, "once, however often it is confirmed")

	late, token := give(t, s, command.CutOff)
	_, err = l.pool.Exec(t.Context(), `update gateway.command set confirm_until = now() - interval '1 second' where uid = $1`, late.UID)
	require.NoError(t, err)
	_, err = s.Confirm(t.Context(), late.UID, token, "chief")
	require.ErrorIs(t, err, command.ErrLate)
	plain, _ := give(t, s, command.Restart)
	_, err = s.Confirm(t.Context(), plain.UID, token, "chief")
	require.ErrorIs(t, err, command.ErrNothingToConfirm)
}

func TestCommandsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	for device, want := range map[string]string{
		"nosuch": "there is no device", "blank": "has no model", "mute": "has no phone number", "exotic": "no commands for the model", "off": "enable it",
	} {
		_, _, err := s.Send(t.Context(), command.Request{Device: device, Kind: command.Position})
		var wrong *tracking.FieldError
		require.ErrorAs(t, err, &wrong)
		require.Contains(t, wrong.Advice, want)
	}
	_, _, err := s.Send(t.Context(), command.Request{Device: "truck", Kind: "dance"})
	require.ErrorContains(t, err, "cut-off, interval, position, restart, restore")
}

func TestCommandGivenTwiceIsOne(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	request := command.Request{RequestID: "r", Device: "truck", Kind: command.CutOff}
	first, token, err := s.Send(t.Context(), request)
	require.NoError(t, err)
	require.NotEmpty(t, token)
	again, token, err := s.Send(t.Context(), request)
	require.NoError(t, err)
	require.Empty(t, token)
	require.Equal(t, first.UID, again.UID)
	request.Kind = command.Restore
	_, _, err = s.Send(t.Context(), request)
	require.ErrorIs(t, err, tracking.ErrExists)
}

func TestTemplatesOfTheInstallation(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := newService(l)
	mine, err := s.PutTemplate(t.Context(), command.Template{Model: "concox", Kind: command.CutOff, Body: "DYD,{password=000000}#", AnswerPattern: "dyd", AnswerWithin: time.Minute})
	require.NoError(t, err)
	require.True(t, mine.Confirm, "nobody makes it harmless")
	_, err = s.PutTemplate(t.Context(), command.Template{Model: "exotic", Kind: "photo", Body: "PHOTO"})
	require.NoError(t, err)
	c, _ := give(t, s, command.CutOff)
	require.Equal(t, "DYD,****#", c.Shown)
	c, _, err = s.Send(t.Context(), command.Request{Device: "exotic", Kind: "photo"})
	require.NoError(t, err)
	require.Equal(t, "PHOTO", c.Body)
	require.NoError(t, s.Store.DeleteTemplate(t.Context(), "concox", command.CutOff))
	require.ErrorIs(t, s.Store.DeleteTemplate(t.Context(), "concox", command.CutOff), tracking.ErrNotFound)
	c, _ = give(t, s, command.CutOff)
	require.Equal(t, "RELAY,1#", c.Body)
	page, err := s.Store.Commands(t.Context(), "truck", c.Key, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
}
