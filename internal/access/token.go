package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// secretPrefix marks our secrets, so that people and scanners know one when they
// see it.
const secretPrefix = "wb_"

var (
	// ErrUnauthenticated says that a secret belongs to no token that holds.
	ErrUnauthenticated = errors.New("the token is unknown, expired or revoked")
	// ErrNotFound says that there is no token of that id.
	ErrNotFound = errors.New("no such token")
	// ErrInvalid says that a token can't be issued as asked for.
	ErrInvalid = errors.New("invalid token")
)

// Token lets its bearer act in a role. Its secret is not part of it: that is shown
// once, when it is issued, and stored only as a hash.
type Token struct {
	ID          string
	DisplayName string
	Role        Role
	// Customer is the resource name of the customer, for role Customer alone.
	Customer string
	// Device is the resource name of the device, for role Device alone.
	Device     string
	CreateTime time.Time
	// ExpireTime is when it ends by itself; never when zero.
	ExpireTime time.Time
	// RevokeTime is when it was ended; zero while it holds.
	RevokeTime time.Time
}

// InvalidError is [ErrInvalid] for one field of a token.
type InvalidError struct {
	// Field is role, customer, device or expire_time.
	Field string
	// Advice says what to do.
	Advice string
}

// Error gives the advice.
func (e *InvalidError) Error() string { return e.Advice }

// Is makes it an [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Validate says what is wrong with a token that is to be issued, as an
// [InvalidError].
func (t Token) Validate(now time.Time) error {
	if _, err := ParseRole(string(t.Role)); err != nil {
		return &InvalidError{"role", err.Error()}
	}
	switch {
	case (t.Role == Customer) != (t.Customer != ""):
		return &InvalidError{"customer", "name the customer (customers/...) for the role customer, and for no other"}
	case t.Role == Customer && !strings.HasPrefix(t.Customer, "customers/"):
		return &InvalidError{"customer", "the customer is a resource name: customers/" + t.Customer}
	case (t.Role == Device) != (t.Device != ""):
		return &InvalidError{"device", "name the device (devices/...) for the role device, and for no other"}
	case t.Role == Device && !strings.HasPrefix(t.Device, "devices/"):
		return &InvalidError{"device", "the device is a resource name: devices/" + t.Device}
	case !t.ExpireTime.IsZero() && !t.ExpireTime.After(now):
		return &InvalidError{"expire_time", "it would have expired already; choose a later time"}
	}
	return nil
}

// caller is who the bearer of the token is.
func (t Token) caller() Caller {
	return Caller{Role: t.Role, Token: t.ID, DisplayName: t.DisplayName, Customer: t.Customer, Device: t.Device}
}

// newSecret makes a secret of 256 random bits.
func newSecret() string {
	var raw [32]byte
	// Read never fails: it ends the program where the system has no randomness.
	_, _ = rand.Read(raw[:])
	return secretPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
}

// newID makes an id for people to name a token by.
func newID() string {
	var raw [5]byte
	_, _ = rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

// hash is what is stored of a secret. Secrets are random and long, so a slow hash
// would protect nothing more.
func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
