package interaction_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/customer"
	"waybill/crm/interaction"
)

const number = "+8613911111111"

func insert(t *testing.T, w *crmtest.World, i interaction.Interaction) int64 {
	t.Helper()
	i.Channel, i.Direction, i.Outcome = interaction.SMS, interaction.In, interaction.Kept
	var id int64
	require.NoError(t, pgx.BeginFunc(t.Context(), w.Pool, func(tx pgx.Tx) error {
		var err error
		if id, err = interaction.Insert(t.Context(), tx, i); err == nil {
			err = interaction.Trim(t.Context(), tx, i.Number)
		}
		return err
	}))
	return id
}

func bodies(t *testing.T, store *interaction.Store, customer string) []string {
	t.Helper()
	var all []string
	for token := ""; ; {
		page, next, err := store.Of(t.Context(), customer, 2, token)
		require.NoError(t, err)
		for _, i := range page {
			all = append(all, i.Body)
		}
		if token = next; token == "" {
			return all
		}
	}
}

// What a stranger wrote appears once the number is somebody's; what was a customer's
// does not follow the number to another.
func TestInteractionsBelongToWhomTheyWereWith(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	store := interaction.NewStore(w.Pool)
	insert(t, w, interaction.Interaction{TextID: "1", Number: number, Body: "stranger", Time: crmtest.At(1)})
	require.Empty(t, bodies(t, store, "acme"))

	contact := customer.Contact{Customer: "acme", ID: "buyer", DisplayName: "Buyer", Phone: number}
	_, err := w.Customers.CreateContact(t.Context(), contact, "")
	require.NoError(t, err)
	insert(t, w, interaction.Interaction{TextID: "2", Number: number, Body: "known", Customer: "acme", Contact: "buyer", Time: crmtest.At(2)})
	insert(t, w, interaction.Interaction{TextID: "3", Number: number, Body: "known, sent before", Customer: "acme", Contact: "buyer", Time: crmtest.At(0)})
	require.Equal(t, []string{"known", "stranger", "known, sent before"}, bodies(t, store, "acme"))

	require.NoError(t, w.Customers.DeleteContact(t.Context(), "acme", "buyer"))
	contact.Customer = "rival"
	_, err = w.Customers.CreateContact(t.Context(), contact, "")
	require.NoError(t, err)
	require.Equal(t, []string{"stranger"}, bodies(t, store, "rival"))
	require.Equal(t, []string{"known", "known, sent before"}, bodies(t, store, "acme"))

	page, _, err := store.All(t.Context(), number, 10, "")
	require.NoError(t, err)
	require.Len(t, page, 3)
	page, _, err = store.All(t.Context(), "", 10, "")
	require.NoError(t, err)
	require.Len(t, page, 3)
	_, _, err = store.Of(t.Context(), "none", 10, "")
	require.ErrorIs(t, err, crm.ErrNotFound)
}

func TestInsertedOnce(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	once := interaction.Interaction{TextID: "1", Number: number, Body: "x", Time: crmtest.At(1)}
	require.NotZero(t, insert(t, w, once))
	require.Zero(t, insert(t, w, once))
}

func TestStrangersAreBounded(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	for i := range interaction.MaxStrange + 3 {
		insert(t, w, interaction.Interaction{TextID: fmt.Sprint(i), Number: number, Time: crmtest.Start().Add(time.Duration(i) * time.Second)})
	}
	var kept, oldest int
	require.NoError(t, w.Pool.QueryRow(t.Context(), `select count(*), min(text_id::int) from crm.interaction`).Scan(&kept, &oldest))
	require.Equal(t, interaction.MaxStrange, kept)
	require.Equal(t, 3, oldest)
}
