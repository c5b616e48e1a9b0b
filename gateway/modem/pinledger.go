package modem

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// PINLedger remembers which PINs were sent and did not prove right, so that none is sent twice: the third wrong one locks
// the SIM. One that outlives the process keeps a restart, or a supervisor that restarts all the time, from doing it.
type PINLedger interface {
	// Tried tells whether the attempt was begun before and not cleared.
	Tried(ctx context.Context, attempt string) (bool, error)
	// Begin notes the attempt before the PIN is sent. The PIN is not sent when it fails.
	Begin(ctx context.Context, attempt string) error
	// Clear forgets an attempt that proved right.
	Clear(ctx context.Context, attempt string) error
}

// attempt names a PIN in a device without giving it away to who reads the ledger by chance. (Four digits can be found by
// trying all; the settings that hold the PIN are no safer.)
func attempt(imei, pin string) string {
	sum := sha256.Sum256([]byte("waybill modem pin\x00" + imei + "\x00" + pin))
	return hex.EncodeToString(sum[:16])
}

// PINFiles is a ledger of empty files in a folder. Delete the folder's files to have a PIN tried again.
type PINFiles struct{ Folder string }

// Tried implements PINLedger.
func (p PINFiles) Tried(_ context.Context, attempt string) (bool, error) {
	_, err := os.Stat(p.file(attempt))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Begin implements PINLedger. The note is on the disk when it returns.
func (p PINFiles) Begin(_ context.Context, attempt string) error {
	if err := os.MkdirAll(p.Folder, 0o700); err != nil {
		return fmt.Errorf("note that a PIN is tried: %w", err)
	}
	f, err := os.OpenFile(p.file(attempt), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("note that a PIN is tried: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("note that a PIN is tried: %w", err)
	}
	return nil
}

// Clear implements PINLedger.
func (p PINFiles) Clear(_ context.Context, attempt string) error {
	if err := os.Remove(p.file(attempt)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p PINFiles) file(attempt string) string { return filepath.Join(p.Folder, "pin-"+attempt) }

// pinMemory is the ledger of one process.
type pinMemory struct {
	mu    sync.Mutex
	tried map[string]bool // Guarded by mu.
}

func (p *pinMemory) Tried(_ context.Context, attempt string) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tried[attempt], nil
}

func (p *pinMemory) Begin(_ context.Context, attempt string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried[attempt] = true
	return nil
}

func (p *pinMemory) Clear(_ context.Context, attempt string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tried, attempt)
	return nil
}
