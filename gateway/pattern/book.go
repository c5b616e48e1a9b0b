package pattern

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Shelf is where the patterns of a [Book] stand. Its methods fail with [tracking.ErrUnavailable] when it is away.
type Shelf interface {
	// PatternVersion is another number after every change of the patterns.
	PatternVersion(ctx context.Context) (int64, error)
	// Patterns gives all, those that were taught first first, and their version.
	Patterns(ctx context.Context) ([]Pattern, int64, error)
}

// Book tries the taught patterns on texts. It is safe for concurrent use.
//
// It asks for the version each time, which is only for texts that nothing built-in could read, and reads the patterns
// again when it has moved: so a pattern that was taught anywhere holds everywhere from the next text on.
type Book struct {
	shelf Shelf
	log   *slog.Logger

	mu       sync.Mutex
	version  int64       // guarded by mu
	patterns []*Compiled // guarded by mu; replaced, never changed
}

// NewBook returns a book of what stands on the shelf. The log hears of patterns that can't be used.
func NewBook(shelf Shelf, log *slog.Logger) *Book { return &Book{shelf: shelf, log: log, version: -1} }

// Patterns gives what is taught now, those that were taught first first.
func (b *Book) Patterns(ctx context.Context) ([]*Compiled, error) {
	version, err := b.shelf.PatternVersion(ctx)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	known, patterns := b.version, b.patterns
	b.mu.Unlock()
	if version == known {
		return patterns, nil
	}
	stored, version, err := b.shelf.Patterns(ctx)
	if err != nil {
		return nil, err
	}
	patterns = make([]*Compiled, 0, len(stored))
	for i := range stored {
		c, err := Compile(&stored[i])
		if err != nil {
			// It was checked when it was stored: another version of Waybill takes it, and the others must not suffer from it.
			b.log.ErrorContext(ctx, "a taught pattern can't be used", slog.String("pattern", stored[i].UID), slog.Any("error", err))
			continue
		}
		patterns = append(patterns, c)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// Should somebody have read a newer one meanwhile, the next text finds that the version is another.
	b.version, b.patterns = version, patterns
	return patterns, nil
}

// Decode tries the patterns in the order in which they were taught; the first that matches decides. Sent is when the
// text was sent. It names the pattern as a format and returns what [codec.DecodeText] does, and
// [tracking.ErrUnavailable] when it can't tell now.
func (b *Book) Decode(ctx context.Context, text string, sent time.Time, zone *time.Location) (format string, fixes []tracking.Fix, err error) {
	patterns, err := b.Patterns(ctx)
	if err != nil {
		return "", nil, fmt.Errorf("look for taught patterns: %w", err)
	}
	for _, p := range patterns {
		reading, ok := p.Read(text, sent, zone)
		switch {
		case !ok:
		case reading.Err != nil:
			return p.Format(), nil, reading.Err
		default:
			return p.Format(), []tracking.Fix{reading.Fix}, nil
		}
	}
	return "", nil, codec.ErrNotMine
}
