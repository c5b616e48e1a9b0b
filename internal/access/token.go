package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
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

// Validate says what is wrong with a token that is to be issued, as an error that
// is [ErrInvalid].
func (t Token) Validate(now time.Time) error {
	switch {
	case (t.Role == Customer) != (t.Customer != ""):
		return fmt.Errorf("%w: name the customer (customers/...) for the role customer, and for no other", ErrInvalid)
	case t.Role == Customer && !strings.HasPrefix(t.Customer, "customers/"):
		return fmt.Errorf("%w: the customer is a resource name: customers/%s", ErrInvalid, t.Customer)
	case (t.Role == Device) != (t.Device != ""):
		return fmt.Errorf("%w: name the device (devices/...) for the role device, and for no other", ErrInvalid)
	case t.Role == Device && !strings.HasPrefix(t.Device, "devices/"):
		return fmt.Errorf("%w: the device is a resource name: devices/%s", ErrInvalid, t.Device)
	case !t.ExpireTime.IsZero() && !t.ExpireTime.After(now):
		return fmt.Errorf("%w: it would have expired already: choose a later time", ErrInvalid)
	}
	_, err := ParseRole(string(t.Role))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// caller is who the bearer of the token is.
func (t Token) caller() Caller {
	return Caller{Role: t.Role, Token: t.ID, Customer: t.Customer, Device: t.Device}
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
