package optout_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/optout"
	"waybill/internal/pgtest"
)

func TestTheListOfOptOuts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := optout.NewStore(pool, "CN")
	for i := range 5 {
		_, err := store.Put(t.Context(), fmt.Sprintf("+861390000000%d", i), i != 2, "Wang", crmtest.At(1))
		require.NoError(t, err)
	}
	var numbers []string
	for token := ""; ; {
		page, next, err := store.List(t.Context(), 2, token)
		require.NoError(t, err)
		for _, o := range page {
			numbers = append(numbers, o.Number)
		}
		if token = next; token == "" {
			break
		}
	}
	require.Equal(t, []string{"+8613900000000", "+8613900000001", "+8613900000003", "+8613900000004"}, numbers)
	_, err := store.Get(t.Context(), "+8613999999999")
	require.ErrorIs(t, err, crm.ErrNotFound)
}

func TestSetTellsWhatChanged(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const number = "+8613900000000"
	set := func(out bool, minute float64) bool {
		changed, err := optout.Set(t.Context(), pool, optout.OptOut{Number: number, OptedOut: out, SetTime: crmtest.At(minute), SetBy: optout.ByText})
		require.NoError(t, err)
		return changed
	}
	require.False(t, set(false, 1), "it never was out")
	require.True(t, set(true, 2))
	require.False(t, set(true, 3))
	require.False(t, set(false, 2.5), "something newer is known")
	require.True(t, set(false, 4))
}

func TestNames(t *testing.T) {
	t.Parallel()
	store := optout.NewStore(nil, "CN")
	number, err := store.Number("optOuts/8613900000000")
	require.NoError(t, err)
	require.Equal(t, "optOuts/8613900000000", optout.OptOut{Number: number}.Name())
	for _, name := range []string{"", "optOuts/", "optOuts/me", "optOuts/+8613900000000", "numbers/8613900000000", "optOuts/1"} {
		_, err := store.Number(name)
		require.ErrorIs(t, err, crm.ErrInvalid, name)
	}
}
