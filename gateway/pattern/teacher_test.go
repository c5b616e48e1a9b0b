package pattern_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/codec/concox"
	"waybill/gateway/codec/maplink"
	"waybill/gateway/pattern"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

const phone = "+8613800138000"

// school is a gateway with a device, and a second process of it that shares the database.
type school struct {
	teacher  *pattern.Teacher
	texts    *gateway.Texts
	other    *gateway.Texts
	registry *trackingpg.Registry
	history  *trackingpg.History
	kept     *postgres.Store
	n        int
}

func newSchool(t *testing.T) *school {
	t.Helper()
	pool, log := pgtest.New(t), slog.New(slog.DiscardHandler)
	ingester := tracking.NewIngester(trackingpg.NewFixStore(pool, trackingpg.FixOptions{}), tracking.IngesterOptions{})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- ingester.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	s := &school{registry: trackingpg.NewRegistry(pool, "CN"), history: trackingpg.NewHistory(pool), kept: postgres.New(pool, postgres.Bounds{})}
	process := func() *gateway.Texts {
		events := trackingpg.NewDeviceEvents(pool, 0)
		intake := gateway.NewIntake(ingester, s.kept, gateway.Settings{Events: events}, log, prometheus.NewRegistry())
		return &gateway.Texts{
			Intake: intake, Directory: s.registry, Taught: pattern.NewBook(postgres.NewPatterns(pool), log),
			Formats: codec.Texts{{Name: "concox", Decode: concox.Decode}, {Name: "maplink", Decode: maplink.Decode}},
		}
	}
	s.texts, s.other = process(), process()
	patterns := postgres.NewPatterns(pool)
	s.teacher = &pattern.Teacher{
		Store: patterns, Book: pattern.NewBook(patterns, log), BuiltIn: s.texts, Inputs: s.kept, Directory: s.registry,
		Replayer: &gateway.Replayer{Intake: s.texts.Intake, Archive: s.kept, Roads: map[string]gateway.Road{gateway.RoadSMS: s.texts}},
	}
	_, err := s.registry.CreateDevice(t.Context(), tracking.Device{UID: "unit", Phone: phone, Zone: zone(t)}, "")
	require.NoError(t, err)
	return s
}

// hear takes in a text of the unit.
func (s *school) hear(t *testing.T, texts *gateway.Texts, body string) {
	t.Helper()
	s.n++
	require.NoError(t, texts.HandleText(t.Context(), gateway.Text{ID: fmt.Sprint(s.n), Sender: phone, Time: sent(), Body: []byte(body)}))
}

func (s *school) track(t *testing.T) []tracking.Report {
	t.Helper()
	reports, err := s.history.FixPage(t.Context(), tracking.FixQuery{Device: "unit", Size: 100})
	require.NoError(t, err)
	return reports
}

func (s *school) rejected(t *testing.T) []gateway.RejectedInput {
	t.Helper()
	inputs, err := s.kept.List(t.Context(), "", "", postgres.Position{}, 100)
	require.NoError(t, err)
	return inputs
}

func (s *school) teach(t *testing.T, p *pattern.Pattern) pattern.Taught {
	t.Helper()
	taught, err := s.teacher.Teach(t.Context(), p, "", false)
	require.NoError(t, err)
	return taught
}

func TestAnUnknownFormatIsLearnt(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	for minute := range 3 {
		s.hear(t, s.texts, fmt.Sprintf("POS 31.23 121.4%d AT 12.09.2026 14:5%d V36", minute, minute))
	}
	s.hear(t, s.other, "POS 31.23 121.47 AT 12.13.2026 14:50")
	s.hear(t, s.other, "hello there")
	require.Empty(t, s.track(t))
	require.Len(t, s.rejected(t), 5)

	// It is tried before it goes live, on what was rejected, in the unit's zone.
	var id int64
	for _, in := range s.rejected(t) {
		if string(in.Payload) == "POS 31.23 121.40 AT 12.09.2026 14:50 V36" {
			id = in.ID
			require.Equal(t, sent(), in.SentTime)
		}
	}
	trial, err := s.teacher.Try(t.Context(), pattern.Question{Pattern: acme(), Input: id})
	require.NoError(t, err)
	require.Len(t, trial.Attempts, 1)
	require.True(t, trial.Attempts[0].Decides)
	require.Equal(t, time.Date(2026, 9, 12, 6, 50, 0, 0, time.UTC), trial.Attempts[0].Fix.Time)
	trial, err = s.teacher.Try(t.Context(), pattern.Question{Input: id})
	require.NoError(t, err)
	require.Empty(t, trial.Attempts, "nothing is taught yet")

	taught := s.teach(t, acme())
	require.Empty(t, taught.Conflicts)
	require.Empty(t, s.track(t), "what was rejected waits to be recovered")

	// At once, in every process.
	s.hear(t, s.texts, "POS 31.23 121.50 AT 13.09.2026 14:50 V36")
	s.hear(t, s.other, "POS 31.23 121.51 AT 13.09.2026 14:51")
	track := s.track(t)
	require.Len(t, track, 2)
	require.Equal(t, "sms/taught/acme", track[0].Source)
	require.InDelta(t, 10, track[0].Fix.Speed, 1e-6)
	require.Equal(t, time.Date(2026, 9, 13, 6, 50, 0, 0, time.UTC), track[0].Fix.Time)

	recovery, err := s.teacher.Recover(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, 5, recovery.Looked)
	require.Equal(t, 4, recovery.Matched)
	require.Equal(t, 3, recovery.Recovered)
	require.Equal(t, 3, recovery.Stored)
	require.Len(t, recovery.Refused, 1)
	require.EqualValues(t, "time", recovery.Refused[0].Reason)
	require.Len(t, s.track(t), 5)

	// Each once: what is recovered is not looked at again.
	recovery, err = s.teacher.Recover(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, 2, recovery.Looked)
	require.Zero(t, recovery.Recovered)
	require.Len(t, s.track(t), 5)
	_, err = s.teacher.Recover(t.Context(), "nobody")
	require.ErrorIs(t, err, tracking.ErrNotFound)

	require.NoError(t, s.teacher.Store.DeletePattern(t.Context(), "acme"))
	require.ErrorIs(t, s.teacher.Store.DeletePattern(t.Context(), "acme"), tracking.ErrNotFound)
	s.hear(t, s.other, "POS 31.23 121.52 AT 13.09.2026 14:52")
	require.Len(t, s.track(t), 5)
}

func TestBuiltInFormatsDecideFirst(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	known := "Lat:N22.571285,Lon:E113.877115,Course:42.20,Speed:0.0740,DateTime:26-09-13 14:28:51"
	taught := s.teach(t, &pattern.Pattern{UID: "greedy", Expression: `(?P<lat>\d+\.\d+).*?(?P<lon>\d+\.\d+)`, UseSentTime: true, Example: known})
	require.Len(t, taught.Conflicts, 1)
	require.Contains(t, taught.Conflicts[0], "concox")
	taught = s.teach(t, &pattern.Pattern{UID: "other", Expression: `^Lat:N(?P<lat>[\d.]+),Lon:E(?P<lon>[\d.]+)`, UseSentTime: true, Example: known})
	require.Len(t, taught.Conflicts, 2)
	require.Contains(t, taught.Conflicts[1], "patterns/greedy")
	s.hear(t, s.texts, known)
	require.Equal(t, "sms/concox", s.track(t)[0].Source)

	// A text that a built-in format knows and finds broken may be taught: a link whose date is written in another way.
	link := "https://maps.google.com/maps?q=31.222073,121.354335 am 13.9.2026 um 14:50"
	trial, err := s.teacher.Try(t.Context(), pattern.Question{Text: link, Zone: zone(t)})
	require.NoError(t, err)
	require.Equal(t, "maplink", trial.Attempts[0].Format)
	require.False(t, trial.Attempts[0].Decides)
	require.Equal(t, "taught/greedy", trial.Attempts[1].Format)
	require.True(t, trial.Attempts[1].Decides)
}

func TestTaughtAlarms(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.teach(t, &pattern.Pattern{UID: "panic", Expression: `^NOTRUF von`, Alarm: "sos", Example: "NOTRUF von 7"})
	require.NoError(t, s.texts.HandleText(t.Context(), gateway.Text{ID: "1", Sender: phone, Time: time.Now(), Body: []byte("NOTRUF von 7")}))
	alerts, err := s.history.Alerts(t.Context(), tracking.AlertFilter{}, tracking.AlertPage{Size: 10})
	require.NoError(t, err)
	require.Len(t, alerts, 1)
	require.Equal(t, tracking.SOS, alerts[0].Condition)
	require.Empty(t, s.track(t))
	require.Empty(t, s.rejected(t))
}

func TestPatternsAreBoundedAndAddedOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	first, err := s.teacher.Teach(t.Context(), acme(), "request-1", false)
	require.NoError(t, err)
	again, err := s.teacher.Teach(t.Context(), acme(), "request-1", false)
	require.NoError(t, err)
	require.Equal(t, first.Pattern, again.Pattern)
	_, err = s.teacher.Teach(t.Context(), acme(), "request-2", false)
	require.ErrorIs(t, err, tracking.ErrExists)

	unnamed := acme()
	unnamed.UID = ""
	checked, err := s.teacher.Teach(t.Context(), unnamed, "", true)
	require.NoError(t, err)
	require.NotEmpty(t, checked.Pattern.UID)
	all, err := s.teacher.Book.Patterns(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1, "it was only checked")
	for range pattern.MaxPatterns - 1 {
		next := acme()
		next.UID = ""
		s.teach(t, next)
	}
	one := acme()
	one.UID = "one-more"
	_, err = s.teacher.Teach(t.Context(), one, "", false)
	require.ErrorIs(t, err, pattern.ErrTooMany)
}

// away is a shelf that can't be reached.
type away struct{}

func (away) PatternVersion(context.Context) (int64, error) { return 0, tracking.ErrUnavailable }

func (away) Patterns(context.Context) ([]pattern.Pattern, int64, error) {
	return nil, 0, tracking.ErrUnavailable
}

func TestTextsWaitForWhatIsTaught(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.texts.Taught = pattern.NewBook(away{}, slog.New(slog.DiscardHandler))
	err := s.texts.HandleText(t.Context(), gateway.Text{Sender: phone, Time: sent(), Body: []byte("POS 1 2")})
	require.ErrorIs(t, err, tracking.ErrUnavailable, "it may be one that is taught")
	require.Empty(t, s.rejected(t))
}

func TestOnlyTextsAreTried(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	now := time.Now()
	_, err := s.kept.Keep(t.Context(), []gateway.RejectedInput{{
		Source: "mqtt", Sender: "x", Reason: gateway.ReasonUnknownTopic, Payload: []byte("x"), Size: 1, Count: 1, FirstTime: now, LastTime: now,
	}})
	require.NoError(t, err)
	_, err = s.teacher.Try(t.Context(), pattern.Question{Input: s.rejected(t)[0].ID})
	require.ErrorIs(t, err, pattern.ErrNotText)
	_, err = s.teacher.Try(t.Context(), pattern.Question{Input: 999})
	require.ErrorIs(t, err, gateway.ErrNoInput)
	broken := acme()
	broken.Expression = "("
	_, err = s.teacher.Try(t.Context(), pattern.Question{Pattern: broken, Text: "x"})
	require.ErrorIs(t, err, tracking.ErrInvalid)
}

// newer is a shelf on which another version of Waybill has put what this one can't use.
type newer struct{}

func (newer) PatternVersion(context.Context) (int64, error) { return 7, nil }

func (newer) Patterns(context.Context) ([]pattern.Pattern, int64, error) {
	return []pattern.Pattern{{UID: "new", Expression: "(?<=x)"}, *acme()}, 7, nil
}

func TestOnePatternThatCantBeUsedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	book := pattern.NewBook(newer{}, slog.New(slog.DiscardHandler))
	format, fixes, err := book.Decode(t.Context(), acme().Example, sent(), zone(t))
	require.NoError(t, err)
	require.Equal(t, "taught/acme", format)
	require.Len(t, fixes, 1)
	_, _, err = book.Decode(t.Context(), "something else", sent(), nil)
	require.ErrorIs(t, err, codec.ErrNotMine)
}
