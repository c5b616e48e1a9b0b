package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"waybill/gateway"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
)

var _ interface {
	gateway.Keeper
	gateway.Archive
} = (*postgres.Store)(nil)

func at(second int) time.Time { return time.Date(2026, 4, 5, 6, 0, second, 0, time.UTC) }

func input(sender, payload string, second int) gateway.RejectedInput {
	return gateway.RejectedInput{
		Source: "mqtt/owntracks", Sender: sender, Origin: sender, Device: sender, Topic: "owntracks/" + sender + "/x", Reason: "syntax",
		Detail: "It ends in the middle.", Payload: []byte(payload), Size: int64(len(payload)), Count: 1, FirstTime: at(second), LastTime: at(second),
	}
}

func list(t *testing.T, s *postgres.Store) []gateway.RejectedInput {
	t.Helper()
	all, err := s.List(t.Context(), "", "", postgres.Position{}, 1000)
	require.NoError(t, err)
	return all
}

func TestTheSameInputHasOneRow(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	_, err := s.Keep(t.Context(), []gateway.RejectedInput{input("a", "x", 1), input("a", "y", 2), input("a", "x", 3)})
	require.NoError(t, err)
	_, err = s.Keep(t.Context(), []gateway.RejectedInput{input("a", "x", 9)})
	require.NoError(t, err)

	all := list(t, s)
	require.Len(t, all, 2)
	want := input("a", "x", 1)
	want.ID, want.Count, want.LastTime = all[0].ID, 3, at(9)
	require.Equal(t, want, utc(all[0]))
	require.Equal(t, []byte("y"), all[1].Payload)
}

func utc(in gateway.RejectedInput) gateway.RejectedInput {
	in.FirstTime, in.LastTime = in.FirstTime.UTC(), in.LastTime.UTC()
	return in
}

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	for i := range 5 {
		in := input([]string{"a", "b"}[i%2], fmt.Sprint(i), i)
		if i == 4 {
			in.Reason = "no_fix"
		}
		_, err := s.Keep(t.Context(), []gateway.RejectedInput{in})
		require.NoError(t, err)
	}
	var seen []string
	var after postgres.Position
	for {
		page, err := s.List(t.Context(), "", "", after, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, in := range page {
			seen = append(seen, string(in.Payload))
			after = postgres.Position{LastTime: in.LastTime, ID: in.ID}
		}
	}
	require.Equal(t, []string{"4", "3", "2", "1", "0"}, seen)

	ofA, err := s.List(t.Context(), "a", "syntax", postgres.Position{}, 10)
	require.NoError(t, err)
	require.Len(t, ofA, 2)
}

func TestBoundsDropTheOldestOfTheOrigin(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{Origin: 3, Total: 4})
	_, err := s.Keep(t.Context(), []gateway.RejectedInput{input("quiet", "q", 0)})
	require.NoError(t, err)
	var dropped int
	for i := range 10 {
		n, err := s.Keep(t.Context(), []gateway.RejectedInput{input("loud", fmt.Sprint(i), 1+i)})
		require.NoError(t, err)
		dropped += n
	}
	require.Equal(t, 7, dropped)
	all := list(t, s)
	require.Len(t, all, 4, "the quiet one keeps its row")
	require.Equal(t, []byte("9"), all[0].Payload)
	require.Equal(t, []byte("q"), all[3].Payload)
}

func TestBoundsHoldInTotal(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{Origin: 10, Total: 20})
	for i := range 128 { // the total is looked at every 64 rows
		_, err := s.Keep(t.Context(), []gateway.RejectedInput{input(fmt.Sprint("origin", i), "x", i%60)})
		require.NoError(t, err)
	}
	require.Len(t, list(t, s), 20)
}

func TestReplayedAndRestated(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	unknown := input("a", "x", 1)
	unknown.Reason = "unknown_device"
	_, err := s.Keep(t.Context(), []gateway.RejectedInput{unknown, input("a", "x", 5)})
	require.NoError(t, err)
	id := list(t, s)[1].ID

	again := input("a", "x", 8)
	again.Detail = "Still."
	got, err := s.Restate(t.Context(), id, &again)
	require.NoError(t, err)
	require.Equal(t, id, got.ID)
	require.EqualValues(t, "syntax", got.Reason)
	require.EqualValues(t, 2, got.Count, "the twin is absorbed")
	require.True(t, at(1).Equal(got.FirstTime))
	require.True(t, at(5).Equal(got.LastTime))
	require.Len(t, list(t, s), 1)

	got, err = s.Replayed(t.Context(), id, at(9))
	require.NoError(t, err)
	require.True(t, at(9).Equal(got.ReplayTime))

	_, err = s.Keep(t.Context(), []gateway.RejectedInput{input("a", "x", 10)})
	require.NoError(t, err)
	got, err = s.Get(t.Context(), id)
	require.NoError(t, err)
	require.Zero(t, got.ReplayTime, "it came again, so it is open again")

	_, err = s.Get(t.Context(), id+1000)
	require.ErrorIs(t, err, gateway.ErrNoInput)
	_, err = s.Replayed(t.Context(), id+1000, at(1))
	require.ErrorIs(t, err, gateway.ErrNoInput)
}

func TestStrangeTextIsKept(t *testing.T) {
	t.Parallel()
	s := postgres.New(pgtest.New(t), postgres.Bounds{})
	_, err := s.Keep(t.Context(), []gateway.RejectedInput{{Source: "mqtt", Reason: "wrong_password", FirstTime: at(0), LastTime: at(0), Count: 1}})
	require.NoError(t, err)
	require.Empty(t, list(t, s)[0].Payload)
}

// Many connections of one origin that flood at once don't get in each other's way: an
// error would be taken for a store that is away.
func TestFloodAtOnce(t *testing.T) {
	t.Parallel()
	store := postgres.New(pgtest.New(t), postgres.Bounds{Origin: 4})
	var flood errgroup.Group
	for worker := range 8 {
		flood.Go(func() error {
			for i := range 60 {
				var inputs []gateway.RejectedInput
				for j := range 3 {
					payload := fmt.Sprint((i*(worker+1) + 5*j) % 12)
					inputs = append(inputs, input("flood", payload, 8*i+worker))
				}
				if _, err := store.Keep(t.Context(), inputs); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, flood.Wait())
	_, err := store.Keep(t.Context(), []gateway.RejectedInput{input("flood", "one more", 1_000)})
	require.NoError(t, err)
	require.Len(t, list(t, store), 4, "what was left in the rush went with the next")
}
