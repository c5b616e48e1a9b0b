package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/access"
	"waybill/internal/pgtest"
)

func TestTokenLife(t *testing.T) {
	t.Parallel()
	store := access.NewStore(pgtest.New(t))
	ctx := t.Context()

	token, secret, err := store.Create(ctx, access.Token{Role: access.Customer, Customer: "customers/acme", DisplayName: "portal"})
	require.NoError(t, err)
	require.NotContains(t, secret, token.ID)

	caller, err := store.Authenticate(ctx, secret)
	require.NoError(t, err)
	require.Equal(t, access.Caller{Role: access.Customer, Token: token.ID, DisplayName: "portal", Customer: "customers/acme"}, caller)

	_, err = store.Authenticate(ctx, secret+"x")
	require.ErrorIs(t, err, access.ErrUnauthenticated)

	revoked, err := store.Revoke(ctx, token.ID)
	require.NoError(t, err)
	require.False(t, revoked.RevokeTime.IsZero())
	_, err = store.Authenticate(ctx, secret)
	require.ErrorIs(t, err, access.ErrUnauthenticated)

	again, err := store.Revoke(ctx, token.ID)
	require.NoError(t, err)
	require.Equal(t, revoked, again, "a second revocation must not move the time of the first")
	_, err = store.Revoke(ctx, "none")
	require.ErrorIs(t, err, access.ErrNotFound)
}

func TestExpiredTokenIsRefused(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := access.NewStore(pool)
	token, secret, err := store.Create(t.Context(), access.Token{Role: access.Admin, ExpireTime: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	_, err = store.Authenticate(t.Context(), secret)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `update access.token set expire_time = now() where id = $1`, token.ID)
	require.NoError(t, err)
	_, err = store.Authenticate(t.Context(), secret)
	require.ErrorIs(t, err, access.ErrUnauthenticated)
}

func TestSecretsAreStoredAsHashesOnly(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	_, secret, err := access.NewStore(pool).Create(t.Context(), access.Token{Role: access.Admin})
	require.NoError(t, err)
	var found bool
	err = pool.QueryRow(t.Context(),
		`select exists (select from access.token t where position($1 in t::text) > 0)`, secret).Scan(&found)
	require.NoError(t, err)
	require.False(t, found)
}

func TestTokensThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]access.Token{
		"unknown role":              {Role: "king"},
		"no role":                   {},
		"customer without customer": {Role: access.Customer},
		"customer by bare id":       {Role: access.Customer, Customer: "acme"},
		"device without device":     {Role: access.Device},
		"admin with customer":       {Role: access.Admin, Customer: "customers/acme"},
		"expired":                   {Role: access.Admin, ExpireTime: time.Unix(1, 0)},
	} {
		require.ErrorIs(t, token.Validate(time.Now()), access.ErrInvalid, name)
	}
}

func TestCustomerSeesItself(t *testing.T) {
	t.Parallel()
	acme := access.Caller{Role: access.Customer, Customer: "customers/acme"}
	require.True(t, acme.Sees("customers/acme"))
	require.False(t, acme.Sees("customers/other"))
	require.False(t, access.Caller{Role: access.Customer}.Sees(""))
	require.False(t, access.Caller{}.Sees("customers/acme"))
	require.False(t, access.Caller{Role: access.Device, Device: "devices/x"}.Sees("customers/acme"))
	require.True(t, access.Caller{Role: access.Analyst}.Sees("customers/acme"))
}
