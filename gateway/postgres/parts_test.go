package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"waybill/gateway"
	"waybill/gateway/modem"
	"waybill/gateway/modem/sms"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
)

var _ modem.LongTexts = (*postgres.Store)(nil)

// sent is a text in parts, its PDUs made up: the store doesn't look into them.
func sent(sender string, reference, total int, at time.Time) []modem.Part {
	parts := make([]modem.Part, total)
	for i := range parts {
		parts[i] = modem.Part{
			Modem: "one", SIM: "460001", From: sender, SentTime: at.Add(time.Duration(i) * time.Second),
			Concat: sms.Concat{Reference: reference, Total: total, Number: i + 1},
			PDU:    fmt.Sprintf("%X", fmt.Sprintf("%s %d %d/%d %d", sender, reference, i+1, total, at.Unix())),
		}
	}
	return parts
}

// whole takes all that is whole.
func whole(ctx context.Context, t require.TestingT, s *postgres.Store) []modem.LongText {
	var all []modem.LongText
	for {
		found, err := s.TakeWhole(ctx, time.Now(), func(_ context.Context, text modem.LongText) error {
			all = append(all, text)
			return nil
		})
		require.NoError(t, err)
		if !found {
			return all
		}
	}
}

func incomplete(ctx context.Context, t require.TestingT, s *postgres.Store) []modem.LongText {
	var all []modem.LongText
	for {
		now := time.Now()
		found, err := s.TakeIncomplete(ctx, now, now, func(_ context.Context, text modem.LongText) error {
			all = append(all, text)
			return nil
		})
		require.NoError(t, err)
		if !found {
			return all
		}
	}
}

// pdus names a text by its parts.
func pdus(parts []modem.Part) string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = p.PDU
	}
	return strings.Join(all, " ")
}

// TestPartsComeTogetherInAnyOrder: whatever order parts come in, in whatever company, some of them twice or a third time
// when their text is long gone, each text is handed over once and whole; and what lacks a part is given up once.
func TestPartsComeTogetherInAnyOrder(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		_, err := pool.Exec(ctx, `truncate gateway.long_text cascade`)
		require.NoError(t, err)
		base := time.Date(2026, 4, 5, 6, 0, 0, 0, time.UTC)
		var stream []modem.Part
		want, lacking := map[string]bool{}, map[string]bool{}
		for i := range rapid.IntRange(1, 6).Draw(t, "texts") {
			total := rapid.IntRange(2, 5).Draw(t, "total")
			// Few references, so that most are used again: by others at the same time, by the same some hours later.
			parts := sent(rapid.SampledFrom([]string{"+861", "+862", "NAME"}).Draw(t, "sender"), rapid.IntRange(0, 1).Draw(t, "reference"),
				total, base.Add(time.Duration(i)*3*time.Hour))
			if rapid.IntRange(0, 3).Draw(t, "lost") == 0 {
				n := rapid.IntRange(0, total-1).Draw(t, "which")
				parts = append(parts[:n:n], parts[n+1:]...)
				lacking[pdus(parts)] = true
			} else {
				want[pdus(parts)] = true
			}
			stream = append(stream, parts...)
			stream = append(stream, parts[:rapid.IntRange(0, len(parts)).Draw(t, "twice")]...)
		}
		stream = rapid.Permutation(stream).Draw(t, "order")
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(t, "at once")
			// A store anew each time: nothing is remembered but in the database.
			s := postgres.New(pool, postgres.Bounds{})
			require.NoError(t, s.KeepParts(ctx, stream[:n]))
			stream = stream[n:]
			for _, text := range whole(ctx, t, s) {
				require.True(t, want[pdus(text.Parts)], "%v", text)
				require.Len(t, text.Parts, text.Total)
				delete(want, pdus(text.Parts))
			}
		}
		require.Empty(t, want)
		for _, text := range incomplete(ctx, t, postgres.New(pool, postgres.Bounds{})) {
			require.True(t, lacking[pdus(text.Parts)], "%v", text)
			delete(lacking, pdus(text.Parts))
		}
		require.Empty(t, lacking)
	})
}

func TestPartsOfAReferenceUsedAgain(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	old, fresh := sent("+861", 7, 3, at(0)), sent("+861", 7, 3, at(0).Add(3*time.Hour))
	require.NoError(t, s.KeepParts(t.Context(), old[:2]))
	require.NoError(t, s.KeepParts(t.Context(), append(fresh[2:], fresh[:2]...)))
	got := whole(t.Context(), t, s)
	require.Len(t, got, 1)
	require.Equal(t, pdus(fresh), pdus(got[0].Parts))
	require.Equal(t, fresh, got[0].Parts)
	left := incomplete(t.Context(), t, s)
	require.Len(t, left, 1)
	require.Equal(t, pdus(old[:2]), pdus(left[0].Parts))
}

func TestWhatTellsTextsApart(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	part := sent("+861", 7, 2, at(0))[0]
	for _, change := range []func(*modem.Part){
		func(p *modem.Part) { p.SIM = "460002" },
		func(p *modem.Part) { p.From = "+862" },
		func(p *modem.Part) { p.Concat.Reference = 8 },
		func(p *modem.Part) { p.Concat.Wide = true },
		func(p *modem.Part) { p.Concat.Total = 3 },
		func(p *modem.Part) { p.SentTime = p.SentTime.Add(2 * time.Hour) },
	} {
		other := sent("+861", 7, 2, at(0))[1]
		change(&other)
		require.NoError(t, s.KeepParts(t.Context(), []modem.Part{part, other}))
	}
	require.Empty(t, whole(t.Context(), t, s))

	second := sent("+861", 7, 2, at(0))[1]
	second.Modem, second.SentTime, second.PDU = "two", time.Time{}, "AB" // Read by another modem, its stamp without sense.
	require.NoError(t, s.KeepParts(t.Context(), []modem.Part{second}))
	got := whole(t.Context(), t, s)
	require.Len(t, got, 1)
	require.Equal(t, "two", got[0].Modem)
	require.Zero(t, got[0].Parts[1].SentTime)
}

func TestATextThatIsNotTakenComesAgain(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	require.NoError(t, s.KeepParts(t.Context(), sent("+861", 1, 2, at(0))))
	bug := errors.New("a bug")
	for tries, failure := range []error{bug, bug, tracking.ErrUnavailable, nil} {
		found, err := s.TakeWhole(t.Context(), time.Now(), func(_ context.Context, text modem.LongText) error {
			require.Equal(t, min(tries, 2), text.Tries, "a store that is away is no fault of the text")
			return failure
		})
		require.True(t, found)
		require.ErrorIs(t, err, failure)
	}
	require.Empty(t, whole(t.Context(), t, s))
}

// TestOneAtATime: while one process hands a text over, no other does; when it dies, another does at once.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := postgres.New(pool, postgres.Bounds{})
	require.NoError(t, s.KeepParts(t.Context(), sent("+861", 1, 2, at(0))))
	found, err := s.TakeWhole(t.Context(), time.Now(), func(ctx context.Context, _ modem.LongText) error {
		require.Empty(t, whole(ctx, t, s))
		// A part that is read again meanwhile waits for nobody.
		require.NoError(t, s.KeepParts(ctx, sent("+861", 1, 2, at(0))[:1]))
		_, err := pool.Exec(ctx, `select pg_terminate_backend(pid, 10000) from pg_stat_activity
			where datname = current_database() and state = 'idle in transaction'`)
		require.NoError(t, err)
		return nil
	})
	require.True(t, found)
	require.Error(t, err)
	require.Len(t, whole(t.Context(), t, s), 1)
}

func TestWhatWasGivenUpIsWholeWhenItComesLate(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	parts := sent("+861", 1, 3, at(0))
	require.NoError(t, s.KeepParts(t.Context(), parts[1:]))
	found, err := s.TakeIncomplete(t.Context(), time.Now().Add(-time.Hour), time.Now(), nil)
	require.NoError(t, err)
	require.False(t, found, "not yet")
	require.Len(t, incomplete(t.Context(), t, s), 1)
	require.Empty(t, incomplete(t.Context(), t, s))
	require.NoError(t, s.KeepParts(t.Context(), parts[1:]))
	require.Empty(t, incomplete(t.Context(), t, s), "read again, it is not given up again")
	require.NoError(t, s.ForgetParts(t.Context(), time.Now().Add(-time.Hour)))
	require.NoError(t, s.KeepParts(t.Context(), parts[:1]))
	require.NoError(t, s.ForgetParts(t.Context(), time.Now()))
	got := whole(t.Context(), t, s)
	require.Len(t, got, 1)
	require.Equal(t, pdus(parts), pdus(got[0].Parts))

	require.NoError(t, s.ForgetParts(t.Context(), time.Now()))
	require.NoError(t, s.KeepParts(t.Context(), parts))
	require.Len(t, whole(t.Context(), t, s), 1, "forgotten")
}

// TestPartsFromManyAtOnce has several processes read the same parts in different order.
func TestPartsFromManyAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	all, ctx := errgroup.WithContext(t.Context())
	for worker := range 4 {
		s := postgres.New(pool, postgres.Bounds{})
		all.Go(func() error {
			for i := range 20 {
				parts := sent(fmt.Sprint("+86", i%3), i, 3, at(i))
				for n := range parts {
					if err := s.KeepParts(ctx, []modem.Part{parts[(n+worker)%3], parts[(n+worker+1)%3]}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	require.NoError(t, all.Wait())
	s := postgres.New(pool, postgres.Bounds{})
	require.Len(t, whole(t.Context(), t, s), 20)
	require.Empty(t, incomplete(t.Context(), t, s))
}

func TestATextThatIsReadTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	first, second, third := input("a", "x", 1), input("a", "x", 2), input("a", "x", 3)
	first.Message, second.Message = "t1", "t2"
	keep := func(inputs ...gateway.RejectedInput) {
		_, err := s.Keep(t.Context(), inputs)
		require.NoError(t, err)
	}
	keep(first)
	keep(first)
	keep(second)
	keep(first, second)
	keep(third) // Of a road that has no ids.
	keep(third)
	all := list(t, s)
	require.Len(t, all, 1)
	require.EqualValues(t, 4, all[0].Count)
	require.True(t, at(3).Equal(all[0].LastTime))
}
