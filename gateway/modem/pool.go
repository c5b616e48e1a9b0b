package modem

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// mostModems bounds how many modems a pool runs: a pattern such as /dev/tty* matches what is no modem.
const mostModems = 64

// PoolConfig says which modems there are.
type PoolConfig struct {
	// Paths are paths of serial ports, or patterns of them as path.Match has them. A path without a pattern is a modem also
	// before it is there; what a pattern has matched once is one until the pool ends.
	Paths []string
	Scan  time.Duration // How often the paths are looked at: 1 s.
	Baud  int           // Of the ports; the usual one when 0.

	// Modem is what all modems share: Name, Path and Open are the pool's to set.
	Modem Config
}

// Pool runs many modems, which come and go. A modem is known by the path of its port: under /dev/serial/by-id that stays
// the same when the kernel gives the port another number.
type Pool struct {
	cfg       PoolConfig
	unlocking sync.Mutex

	mu      sync.Mutex // Guards what follows.
	modems  []*Modem   // In the order in which they were found; only added to.
	full    bool       // That more were found than may be is logged.
	claimed map[string]*Modem
}

// NewPool makes a pool; Run starts it. A pattern that is none is an error.
func NewPool(cfg PoolConfig) (*Pool, error) {
	if cfg.Scan <= 0 {
		cfg.Scan = time.Second
	}
	if cfg.Modem.PINs == nil { // One for all: a SIM may be met in several of them.
		cfg.Modem.PINs = &pinMemory{notes: map[string]PINNote{}}
	}
	for _, path := range cfg.Paths {
		if _, err := filepath.Match(path, ""); err != nil {
			return nil, fmt.Errorf("%s is no path and no pattern of paths: close its brackets, or write \\[ for a bracket: %w", path, err)
		}
	}
	p := &Pool{cfg: cfg, claimed: make(map[string]*Modem)}
	for _, path := range cfg.Paths { // Those that are named are there from the beginning, if only to be missed.
		if !isPattern(path) {
			if _, err := p.add(path); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// Run runs the modems until the context ends, and returns nil then.
func (p *Pool) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	run := func(m *Modem) { running.Go(func() { _ = m.Run(ctx) }) } // It returns nil.
	for _, m := range p.Modems() {
		run(m)
	}
	tick := time.NewTicker(p.cfg.Scan)
	defer tick.Stop()
	for {
		for _, m := range p.scan(ctx) {
			run(m)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// scan looks at the paths: it gives the modems that are new, and wakes those whose port is there again.
func (p *Pool) scan(ctx context.Context) (found []*Modem) {
	for _, m := range p.Modems() {
		if m.Status().State == Unplugged && exists(m.cfg.Path) {
			m.Wake()
		}
	}
	for _, pattern := range p.cfg.Paths {
		if !isPattern(pattern) {
			continue
		}
		paths, _ := filepath.Glob(pattern) // NewPool has seen that it is a pattern.
		for _, path := range paths {
			if p.has(path) || !isPort(path) {
				continue
			}
			m, err := p.add(path)
			if err != nil {
				p.complain(ctx, path, err)
				continue
			}
			p.cfg.Modem.log().InfoContext(ctx, "a modem was plugged in", "modem", m.Name(), "path", path)
			found = append(found, m)
		}
	}
	return found
}

func (p *Pool) has(path string) bool {
	return slices.ContainsFunc(p.Modems(), func(m *Modem) bool { return m.cfg.Path == path })
}

// complain says once that there are more ports than may be.
func (p *Pool) complain(ctx context.Context, path string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.full {
		p.full = true
		p.cfg.Modem.log().ErrorContext(ctx, "a port is left alone; give patterns that match modems alone", "path", path, "error", err)
	}
}

// add makes the modem at the path.
func (p *Pool) add(path string) (*Modem, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.modems) >= mostModems {
		return nil, fmt.Errorf("there are %d modems already", mostModems)
	}
	cfg := p.cfg.Modem
	cfg.Name, cfg.Path, cfg.Open = p.name(path), path, Serial(path, p.cfg.Baud)
	cfg.claim, cfg.release, cfg.unlocking = p.claim, p.release, &p.unlocking
	m, err := New(cfg)
	if err != nil {
		return nil, err
	}
	p.modems = append(p.modems, m)
	return m, nil
}

// name is the last part of the path, or the whole of it where another modem has that name. It runs with mu held.
func (p *Pool) name(path string) string {
	name := filepath.Base(path)
	if slices.ContainsFunc(p.modems, func(m *Modem) bool { return m.cfg.Name == name }) {
		return strings.ReplaceAll(strings.TrimLeft(path, "/"), "/", "-")
	}
	return name
}

// claim returns ErrDouble when another modem of the pool is this one: many sticks show several ports.
func (p *Pool) claim(m *Modem, imei, imsi string) error {
	if imei == "" || imsi == "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := imei + " " + imsi
	if other := p.claimed[key]; other != nil && other != m {
		return fmt.Errorf("%w (%s)", ErrDouble, other.cfg.Name)
	}
	p.claimed[key] = m
	return nil
}

func (p *Pool) release(m *Modem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, owner := range p.claimed {
		if owner == m {
			delete(p.claimed, key)
		}
	}
}

// Modems gives all modems in the order in which they were found, also those that are unplugged.
func (p *Pool) Modems() []*Modem {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.modems)
}

// Ready gives the modems that receive and can send now.
func (p *Pool) Ready() []*Modem {
	return slices.DeleteFunc(p.Modems(), func(m *Modem) bool { return m.Status().State != Ready })
}

// Modem gives the modem of that name, or nil.
func (p *Pool) Modem(name string) *Modem {
	for _, m := range p.Modems() {
		if m.cfg.Name == name {
			return m
		}
	}
	return nil
}

// Covers tells whether the settings have a modem at the path, there or not.
func (p *Pool) Covers(path string) bool {
	return slices.ContainsFunc(p.cfg.Paths, func(pattern string) bool {
		matches, err := filepath.Match(pattern, path)
		return pattern == path || err == nil && matches
	})
}

// Check returns nil while at least one modem receives or none is set, and else why not.
func (p *Pool) Check() error {
	if len(p.cfg.Paths) == 0 || len(p.Ready()) > 0 {
		return nil
	}
	why := p.Deaf()
	if len(why) == 0 {
		return fmt.Errorf("no modem receives: none is at %s; plug one in, or mend the path", strings.Join(p.cfg.Paths, ", "))
	}
	return fmt.Errorf("no modem receives: %s", strings.Join(why, "; "))
}

// Deaf says of each modem that doesn't receive why that is.
func (p *Pool) Deaf() []string {
	var why []string
	for _, m := range p.Modems() {
		if s := m.Status(); s.State != Ready {
			why = append(why, s.Deaf())
		}
	}
	return why
}

func isPattern(path string) bool { return strings.ContainsAny(path, `*?[\`) }

// isPort leaves out what a pattern matches beside ports: folders, sockets, files.
func isPort(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// exists follows links: one that leads nowhere is a port that is not there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
