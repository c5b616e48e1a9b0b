package link

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/internal/paging"
)

const (
	// DefaultLife is how long a link lasts when nobody says.
	DefaultLife = 90 * 24 * time.Hour
	// secretBytes are 192 random bits, 32 characters in an address.
	secretBytes = 24
	// pagePath is what stands before the secret in the address of a link.
	pagePath = "/t/"
)

// Link is a tracking link, without its secret.
type Link struct {
	Order string
	ID    string
	// Code is what a person texts to ask where the order is; see [ShownCode].
	Code       string
	CreateTime time.Time
	ExpireTime time.Time
	// RevokeTime is zero while the link holds.
	RevokeTime time.Time
}

// Target is what a link shows.
type Target struct {
	// Order and Customer are ids: whoever has the link sees the order as its customer.
	Order    string
	Customer string
	// Language is what the customer reads, BCP 47.
	Language string
	// Code is the link's own code for asking by text.
	Code string
}

// Store keeps links in PostgreSQL.
type Store struct {
	pool *pgxpool.Pool
	base string
	now  func() time.Time
}

// Option sets something of a [Store].
type Option func(*Store)

// WithClock sets the clock; time.Now without it.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// NewStore makes a store of links whose addresses begin with base, such as
// `https://track.example.com`.
func NewStore(pool *pgxpool.Pool, base string, options ...Option) *Store {
	s := &Store{pool: pool, base: strings.TrimRight(base, "/"), now: time.Now}
	for _, option := range options {
		option(s)
	}
	return s
}

// Create makes a link to the order that lasts until expire ([DefaultLife] when zero),
// and returns its address, which is not to be had again. A call that repeats a
// request id (unless it is empty) returns the link of the first without its address.
//
// The error is [crm.ErrInvalid], or [crm.ErrNotFound] for an unknown order.
func (s *Store) Create(ctx context.Context, order string, expire time.Time, requestID string) (link Link, uri string, err error) {
	now := s.now()
	if expire.IsZero() {
		expire = now.Add(DefaultLife)
	}
	if !expire.After(now) {
		return Link{}, "", crm.Invalid("tracking_link.expire_time", "it has passed; give a time in the future, or leave it empty for 90 days")
	}
	secret, hash := newSecret()
	made, err := crm.Once(ctx, requestID,
		func(ctx context.Context) (Link, error) {
			found, err := s.one(ctx, "request", "select "+columns+" from crm.tracking_link where request_id = $1", requestID)
			if err == nil {
				secret = ""
				if found.Order != order {
					return found, crm.OtherRequest()
				}
			}
			return found, err
		},
		func(ctx context.Context) (Link, error) {
			var made Link
			var err error
			for range codeTries {
				made, err = s.one(ctx, "tracking link", `
					insert into crm.tracking_link (order_id, id, code, secret_hash, request_id, create_time, expire_time)
					values ($1, $2, $3, $4, nullif($5, ''), $6, $7) returning `+columns,
					order, crm.NewID(), newCode(), hash, requestID, now, expire)
				if err = crm.Broken(err, "tracking link", crm.OrderName(order)); !errors.Is(err, crm.ErrExists) {
					break
				}
			}
			return made, err
		})
	if err != nil || secret == "" {
		return made, "", err
	}
	return made, s.base + pagePath + secret, nil
}

// Resolve says what the secret of a link shows. For a link that there isn't, that
// was revoked or that has expired it is [crm.ErrNotFound] alike.
func (s *Store) Resolve(ctx context.Context, secret string) (Target, error) {
	// The database finds the hash by an index; what that tells about time it tells of
	// the hash, not of the secret.
	return s.resolve(ctx, "l.secret_hash", hashOf(secret))
}

// Find says what a link shows by what a person typed: its code, or its address. The
// error is [crm.ErrNotFound] alike for what is no code, for a link that there isn't, that
// was revoked, or that has expired.
func (s *Store) Find(ctx context.Context, typed string) (Target, error) {
	if secret, ok := readSecret(typed); ok {
		return s.Resolve(ctx, secret)
	}
	code, ok := ReadCode(typed)
	if !ok {
		return Target{}, crm.NotFound("the tracking link")
	}
	return s.resolve(ctx, "l.code", code)
}

// resolve finds the link whose column has the key, as long as it holds.
func (s *Store) resolve(ctx context.Context, column string, key any) (Target, error) {
	var t Target
	err := s.pool.QueryRow(ctx, `
		select l.order_id, o.customer, c.language, l.code
		from crm.tracking_link l join crm.orders o on o.id = l.order_id join crm.customer c on c.id = o.customer
		where `+column+` = $1 and l.revoke_time is null and l.expire_time > $2`, key, s.now()).
		Scan(&t.Order, &t.Customer, &t.Language, &t.Code)
	if errors.Is(err, pgx.ErrNoRows) {
		return Target{}, crm.NotFound("the tracking link")
	}
	if err != nil {
		return Target{}, fmt.Errorf("resolve a tracking link: %w", err)
	}
	return t, nil
}

// List returns a page of an order's links by id, and the token of the next.
func (s *Store) List(ctx context.Context, order string, size int, token string) (links []Link, next string, err error) {
	after := ""
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+columns+` from crm.tracking_link
		where order_id = $1 and id > $2 order by id limit $3`, order, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list tracking links: %w", err)
	}
	links, err = pgx.CollectRows(rows, linkRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(links, size, func(l Link) any { return l.ID })
}

// Revoke ends a link at once; one that was revoked before stays as it is. The error
// is [crm.ErrNotFound].
func (s *Store) Revoke(ctx context.Context, order, id string) (Link, error) {
	return s.one(ctx, crm.LinkName(order, id), `
		update crm.tracking_link set revoke_time = coalesce(revoke_time, $3)
		where order_id = $1 and id = $2 returning `+columns, order, id, s.now())
}

const columns = "order_id, id, code, create_time, expire_time, revoke_time"

func linkRow(row pgx.CollectableRow) (Link, error) {
	var l Link
	var revoked *time.Time
	if err := row.Scan(&l.Order, &l.ID, &l.Code, &l.CreateTime, &l.ExpireTime, &revoked); err != nil {
		return l, fmt.Errorf("read a tracking link: %w", err)
	}
	l.CreateTime, l.ExpireTime = l.CreateTime.UTC(), l.ExpireTime.UTC()
	if revoked != nil {
		l.RevokeTime = revoked.UTC()
	}
	return l, nil
}

func (s *Store) one(ctx context.Context, resource, query string, args ...any) (Link, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return Link{}, fmt.Errorf("%s: %w", resource, err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, linkRow)
	if errors.Is(err, pgx.ErrNoRows) {
		return Link{}, crm.NotFound(resource)
	}
	if err != nil {
		return Link{}, fmt.Errorf("%s: %w", resource, err)
	}
	return l, nil
}

func newSecret() (secret string, hash []byte) {
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // it never fails
	secret = base64.RawURLEncoding.EncodeToString(raw)
	return secret, hashOf(secret)
}

// hashOf is SHA-256: secrets are random and long, so a slow hash would add nothing.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
