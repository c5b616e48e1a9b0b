package search_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/customer"
	"waybill/crm/order"
	"waybill/crm/search"
)

// words are the results in short, in their order.
func words(results []search.Result) []string {
	var all []string
	for _, r := range results {
		if r.Order != nil {
			all = append(all, r.Order.ID)
		} else {
			all = append(all, r.Customer.ID)
		}
	}
	return all
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	for _, o := range []order.Order{
		{ID: "SO-1001", Customer: "acme", Reference: "PO-77"},
		{ID: "SO-10011", Customer: "rival", Reference: "100%_done"},
		{ID: "X-SO-1001", Customer: "acme", Reference: "实验室-9"},
	} {
		_, err := w.Orders.Create(t.Context(), o, nil, "")
		require.NoError(t, err)
	}
	_, err := w.Customers.CreateContact(t.Context(), customer.Contact{
		Customer: "rival", ID: "wang", DisplayName: "王小明", Phone: "139 1122 3344",
	}, "")
	require.NoError(t, err)
	for _, c := range []struct {
		query, only string
		want        []string
	}{
		{query: "so-1001", want: []string{"SO-1001", "SO-10011", "X-SO-1001"}},
		{query: "so-1001", only: "acme", want: []string{"SO-1001", "X-SO-1001"}},
		{query: "PO-77", want: []string{"SO-1001"}},
		{query: "实验", want: []string{"X-SO-1001"}},
		{query: "0%_d", want: []string{"SO-10011"}},
		{query: "%%", want: nil},
		{query: "acme", want: []string{"acme"}},
		{query: "laboratory", want: []string{"acme"}}, // almost
		{query: "王小明", want: []string{"rival"}},
		{query: "小明", only: "acme", want: nil},
		{query: "010-65529988", want: []string{"acme"}},
		{query: "+86 10 6552 9988", want: []string{"acme"}},
		{query: "9988", want: []string{"acme"}},
		{query: "3344", want: []string{"rival"}},
		{query: "3344", only: "acme", want: nil},
		{query: "138 0013", want: nil}, // the beginning says nothing
	} {
		results, _, err := w.Searcher.Search(t.Context(), c.query, c.only, 10, "")
		require.NoError(t, err, c.query)
		require.Equal(t, c.want, words(results), c.query)
	}
	for _, short := range []string{"", "x", " x ", "a\x00b"} {
		_, _, err := w.Searcher.Search(t.Context(), short, "", 10, "")
		require.ErrorIs(t, err, crm.ErrInvalid)
	}
}

func TestSearchInPages(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	want := []string{}
	for i := range 7 {
		id := fmt.Sprintf("ABC-%d", i)
		w.Order(t, id, "acme", "")
		want = append(want, id)
	}
	var got []string
	for token := ""; ; {
		page, next, err := w.Searcher.Search(t.Context(), "abc", "", 3, token)
		require.NoError(t, err)
		got = append(got, words(page)...)
		if token = next; next == "" {
			break
		}
	}
	require.Equal(t, want, got)
}
