package modem

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// textID is what tells a text from every other: SHA-256, in hexadecimal, of the SIM, the sender, the service centre's
// time and the PDUs, each part once. A text that is read twice has the same one, so that it acts once.
func textID(sim, from string, sent time.Time, pdus []string) string {
	stamp := ""
	if !sent.IsZero() {
		stamp = sent.UTC().Format(time.RFC3339)
	}
	hash := sha256.New()
	for _, field := range append([]string{sim, from, stamp}, pdus...) {
		_ = binary.Write(hash, binary.BigEndian, uint32(len(field))) //nolint:gosec // bounded by the line; a hash doesn't fail
		_, _ = hash.Write([]byte(strings.ToUpper(field)))
	}
	return hex.EncodeToString(hash.Sum(nil))
}
