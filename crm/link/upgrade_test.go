package link_test

import (
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/crm/link"
	"waybill/internal/database"
	"waybill/internal/pgtest"
	"waybill/migrations"
)

// Links that were made before there were codes have one each, and still hold.
func TestOldLinksHaveCodes(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, pgtest.NewEmptyURL(t))
	names, err := fs.Glob(migrations.FS, "*.sql")
	require.NoError(t, err)
	before := fstest.MapFS{}
	for _, name := range names {
		if name < "00011" {
			content, err := fs.ReadFile(migrations.FS, name)
			require.NoError(t, err)
			before[name] = &fstest.MapFile{Data: content}
		}
	}
	logger := slog.New(slog.DiscardHandler)
	require.NoError(t, database.Migrate(t.Context(), pool, before, logger))
	_, err = pool.Exec(t.Context(), `
		insert into crm.customer (id, display_name) values ('acme', 'Acme');
		insert into crm.orders (id, customer) values ('SO-1', 'acme');
		insert into crm.tracking_link (order_id, id, secret_hash, expire_time)
		select 'SO-1', 'old-' || n, sha256(n::text::bytea), now() + interval '1 day' from generate_series(1, 100) n`)
	require.NoError(t, err)
	require.NoError(t, database.Migrate(t.Context(), pool, migrations.FS, logger))

	store := link.NewStore(pool, "https://track.example.com")
	links, _, err := store.List(t.Context(), "SO-1", 1000, "")
	require.NoError(t, err)
	codes := make(map[string]bool)
	for _, l := range links {
		codes[l.Code] = true
		found, err := store.Find(t.Context(), link.ShownCode(l.Code))
		require.NoError(t, err)
		require.Equal(t, "SO-1", found.Order)
	}
	require.Len(t, codes, 100)
	_, _, err = store.Create(t.Context(), "SO-1", time.Time{}, "")
	require.NoError(t, err)
}
