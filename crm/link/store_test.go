package link_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/link"
)

func secretIn(t *testing.T, uri string) string {
	t.Helper()
	secret, ok := strings.CutPrefix(uri, "https://track.example.com/t/")
	require.True(t, ok, uri)
	require.GreaterOrEqual(t, len(secret)*6, 160, "bits")
	return secret
}

func TestLinkUntilRevoked(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	request := uuid.NewString()
	made, uri, err := w.Links.Create(t.Context(), "SO-1", time.Time{}, request)
	require.NoError(t, err)
	require.Equal(t, crmtest.Start().Add(link.DefaultLife), made.ExpireTime)
	secret := secretIn(t, uri)
	target, err := w.Links.Resolve(t.Context(), secret)
	require.NoError(t, err)
	require.Equal(t, link.Target{Order: "SO-1", Customer: "acme", Language: "zh", Code: made.Code}, target)

	again, uri, err := w.Links.Create(t.Context(), "SO-1", time.Time{}, request)
	require.NoError(t, err)
	require.Equal(t, made, again)
	require.Empty(t, uri, "the address is shown once")
	var stored int
	require.NoError(t, w.Pool.QueryRow(t.Context(),
		"select count(*) from crm.tracking_link where strpos(encode(secret_hash, 'escape'), $1) > 0 or id = $1", secret).Scan(&stored))
	require.Zero(t, stored)

	_, err = w.Links.Revoke(t.Context(), "SO-1", made.ID)
	require.NoError(t, err)
	_, revoked := w.Links.Resolve(t.Context(), secret)
	_, unknown := w.Links.Resolve(t.Context(), "nonsense")
	require.ErrorIs(t, revoked, crm.ErrNotFound)
	require.Equal(t, unknown, revoked)
	links, _, err := w.Links.List(t.Context(), "SO-1", 10, "")
	require.NoError(t, err)
	require.Len(t, links, 1)
	require.False(t, links[0].RevokeTime.IsZero())
}

func TestLinkExpires(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	_, uri, err := w.Links.Create(t.Context(), "SO-1", crmtest.At(10), "")
	require.NoError(t, err)
	secret := secretIn(t, uri)
	_, err = w.Links.Resolve(t.Context(), secret)
	require.NoError(t, err)
	w.SetClock(crmtest.At(10))
	_, err = w.Links.Resolve(t.Context(), secret)
	require.ErrorIs(t, err, crm.ErrNotFound)
	_, _, err = w.Links.Create(t.Context(), "SO-1", crmtest.At(9), "")
	require.ErrorIs(t, err, crm.ErrInvalid)
	_, _, err = w.Links.Create(t.Context(), "SO-9", time.Time{}, "")
	require.ErrorIs(t, err, crm.ErrNotFound)
	_, err = w.Links.Revoke(t.Context(), "SO-1", "nope")
	require.ErrorIs(t, err, crm.ErrNotFound)
}
