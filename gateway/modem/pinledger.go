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
	"strconv"
	"strings"
	"sync"
)

// PINLedger remembers which PINs were sent and did not prove right, so that none is sent twice: the third wrong one locks
// the SIM. One that outlives the process keeps a restart, or a supervisor that restarts all the time, from doing it.
type PINLedger interface {
	// Look gives what is noted of an attempt; the zero value when nothing is.
	Look(ctx context.Context, attempt string) (PINNote, error)
	// Begin notes the attempt, and how many tries were left (-1 when unknown), before the PIN is sent. The PIN is not sent
	// when it fails, as it does when the attempt is noted already.
	Begin(ctx context.Context, attempt string, left int) error
	// Refuse notes that the SIM said no.
	Refuse(ctx context.Context, attempt string) error
	// Clear forgets an attempt that proved right, or that was none.
	Clear(ctx context.Context, attempt string) error
}

// PINNote is what a ledger knows of an attempt.
type PINNote struct {
	Begun   bool // The PIN may have been sent.
	Refused bool // It was, and it was wrong.
	Left    int  // How many tries were left before; -1 when unknown.
}

// attempt names a PIN in a SIM or modem without giving it away to who reads the ledger by chance. (Four digits can be
// found by trying all; the settings that hold the PIN are no safer.)
func attempt(where, pin string) string {
	sum := sha256.Sum256([]byte("waybill modem pin\x00" + where + "\x00" + pin))
	return hex.EncodeToString(sum[:16])
}

// PINFiles is a ledger of small files in a folder. Delete the folder's files to have a PIN tried again.
type PINFiles struct{ Folder string }

// refusedWord is what a file says of a PIN that was refused; of one that was begun it has the tries that were left.
const refusedWord = "refused"

// Look implements PINLedger.
func (p PINFiles) Look(_ context.Context, attempt string) (PINNote, error) {
	text, err := os.ReadFile(p.file(attempt))
	if errors.Is(err, fs.ErrNotExist) {
		return PINNote{}, nil
	}
	if err != nil {
		return PINNote{}, err
	}
	left, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil { // Refused; or nothing is in it, because the machine went down: then it may have been.
		return PINNote{Begun: true, Refused: true, Left: unknownTries}, nil //nolint:nilerr // as said
	}
	return PINNote{Begun: true, Left: left}, nil
}

// Begin implements PINLedger. The note is on the disk when it returns.
func (p PINFiles) Begin(_ context.Context, attempt string, left int) error {
	if err := os.MkdirAll(p.Folder, 0o700); err != nil {
		return fmt.Errorf("note that a PIN is tried: %w", err)
	}
	if err := p.write(attempt, os.O_CREATE|os.O_EXCL, strconv.Itoa(left)); err != nil {
		return fmt.Errorf("note that a PIN is tried: %w", err)
	}
	return nil
}

// Refuse implements PINLedger.
func (p PINFiles) Refuse(_ context.Context, attempt string) error {
	if err := p.write(attempt, os.O_CREATE|os.O_TRUNC, refusedWord); err != nil {
		return fmt.Errorf("note that a PIN was refused: %w", err)
	}
	return nil
}

// write has the file and its name on the disk when it returns.
func (p PINFiles) write(attempt string, flags int, text string) error {
	f, err := os.OpenFile(p.file(attempt), flags|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	folder, err := os.Open(p.Folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
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
	notes map[string]PINNote // Guarded by mu.
}

func (p *pinMemory) Look(_ context.Context, attempt string) (PINNote, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notes[attempt], nil
}

func (p *pinMemory) Begin(_ context.Context, attempt string, left int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.notes[attempt].Begun {
		return fs.ErrExist
	}
	p.notes[attempt] = PINNote{Begun: true, Left: left}
	return nil
}

func (p *pinMemory) Refuse(_ context.Context, attempt string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notes[attempt] = PINNote{Begun: true, Refused: true, Left: unknownTries}
	return nil
}

func (p *pinMemory) Clear(_ context.Context, attempt string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.notes, attempt)
	return nil
}
