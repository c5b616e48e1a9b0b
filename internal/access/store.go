package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store keeps tokens in PostgreSQL.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore returns a store over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

const columns = `id, display_name, role, customer, device, create_time, expire_time, revoke_time`

// Create issues a token and returns it with its secret, which can't be had again.
// The error is [ErrInvalid] when the token doesn't make sense.
func (s *Store) Create(ctx context.Context, t Token) (Token, string, error) {
	if err := t.Validate(time.Now()); err != nil {
		return Token{}, "", err
	}
	secret := newSecret()
	rows, err := s.pool.Query(ctx, `
		insert into access.token (id, display_name, role, customer, device, secret_hash, expire_time)
		values ($1, $2, $3, $4, $5, $6, $7)
		returning `+columns,
		newID(), t.DisplayName, string(t.Role), t.Customer, t.Device, hash(secret), orNull(t.ExpireTime))
	if err != nil {
		return Token{}, "", fmt.Errorf("create token: %w", err)
	}
	created, err := pgx.CollectExactlyOneRow(rows, scan)
	if err != nil {
		return Token{}, "", fmt.Errorf("create token: %w", err)
	}
	return created, secret, nil
}

// List returns at most limit tokens with ids after the given one, by id.
func (s *Store) List(ctx context.Context, after string, limit int) ([]Token, error) {
	rows, err := s.pool.Query(ctx,
		`select `+columns+` from access.token where id > $1 order by id limit $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	tokens, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return tokens, nil
}

// Revoke ends a token at once; one that has ended stays as it is. The error is
// [ErrNotFound] when there is none of that id.
func (s *Store) Revoke(ctx context.Context, id string) (Token, error) {
	rows, err := s.pool.Query(ctx, `
		update access.token set revoke_time = coalesce(revoke_time, now())
		where id = $1 returning `+columns, id)
	if err != nil {
		return Token{}, fmt.Errorf("revoke token: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Token{}, ErrNotFound
	}
	if err != nil {
		return Token{}, fmt.Errorf("revoke token: %w", err)
	}
	return t, nil
}

// Authenticate returns who bears the secret. The error is [ErrUnauthenticated]
// when no token that holds has it.
func (s *Store) Authenticate(ctx context.Context, secret string) (Caller, error) {
	rows, err := s.pool.Query(ctx, `
		select `+columns+` from access.token
		where secret_hash = $1 and revoke_time is null and (expire_time is null or expire_time > now())`, hash(secret))
	if err != nil {
		return Caller{}, fmt.Errorf("authenticate: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Caller{}, ErrUnauthenticated
	}
	if err != nil {
		return Caller{}, fmt.Errorf("authenticate: %w", err)
	}
	return t.caller(), nil
}

func scan(row pgx.CollectableRow) (Token, error) {
	var (
		t                Token
		expires, revoked *time.Time
	)
	err := row.Scan(&t.ID, &t.DisplayName, &t.Role, &t.Customer, &t.Device, &t.CreateTime, &expires, &revoked)
	if expires != nil {
		t.ExpireTime = *expires
	}
	if revoked != nil {
		t.RevokeTime = *revoked
	}
	return t, err
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
