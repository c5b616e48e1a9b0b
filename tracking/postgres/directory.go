package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

const (
	// passwordBytes gives 160 bits: nobody guesses that, so a fast hash is enough.
	passwordBytes = 20
	saltBytes     = 16
)

// RotateCredential issues a new password: 32 letters and digits, for typing on a
// unit's keypad or into its configuration text.
func (r *Registry) RotateCredential(ctx context.Context, uid string) (string, error) {
	// Reading random bytes never fails (crypto/rand ends the program instead).
	secret, salt := make([]byte, passwordBytes), make([]byte, saltBytes)
	_, _ = rand.Read(secret)
	_, _ = rand.Read(salt)
	password := strings.ToLower(base32.StdEncoding.EncodeToString(secret))
	tag, err := r.pool.Exec(ctx, `
update tracking.device set credential_salt = $2, credential_hash = $3, update_time = now() where uid = $1`,
		uid, salt, credentialHash(salt, password))
	if err != nil {
		return "", failed("rotate credential", err)
	}
	if tag.RowsAffected() == 0 {
		return "", tracking.ErrNotFound
	}
	return password, nil
}

func credentialHash(salt []byte, password string) []byte {
	hash := sha256.New()
	_, _ = hash.Write(salt)
	_, _ = hash.Write([]byte(password))
	return hash.Sum(nil)
}

// Authenticate checks the name and password that a device gave.
func (r *Registry) Authenticate(ctx context.Context, username, password string) (tracking.Device, error) {
	var salt, want []byte
	var disabled bool
	err := r.pool.QueryRow(ctx, `
select credential_salt, credential_hash, disabled from tracking.device where uid = $1`, storable(username)).
		Scan(&salt, &want, &disabled)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return tracking.Device{}, failed("authenticate device", err)
	}
	// The same work is done for a name that is unknown, and for a device without a
	// password, whose hash is empty and equals none.
	same := subtle.ConstantTimeCompare(credentialHash(salt, password), want) == 1
	if !same || disabled {
		return tracking.Device{}, tracking.ErrUnauthenticated
	}
	device, err := r.Device(ctx, username)
	if errors.Is(err, tracking.ErrNotFound) {
		return device, tracking.ErrUnauthenticated
	}
	return device, err
}

// ByPhone finds the device with the number.
func (r *Registry) ByPhone(ctx context.Context, phone string) (tracking.Device, error) {
	normal, ok := normalPhone(phone, r.region)
	if !ok {
		return tracking.Device{}, tracking.ErrNotFound
	}
	return r.deviceWhere(ctx, "d.phone = $1", normal)
}

// ByUID finds the device with the uid.
func (r *Registry) ByUID(ctx context.Context, uid string) (tracking.Device, error) {
	return r.Device(ctx, storable(uid))
}

// storable makes of what a stranger sent a name that can be asked for, and that is
// nobody's when it can't: PostgreSQL takes no text with a zero byte or broken UTF-8.
func storable(name string) string {
	if tracking.CheckUID("uid", name) != nil {
		return ""
	}
	return name
}
