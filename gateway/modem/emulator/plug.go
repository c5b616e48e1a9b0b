package emulator

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// life is what runs between Start and Close.
type life struct {
	quit chan struct{}
	wait sync.WaitGroup
}

// Start plugs the modem in and gives the path of its terminal: that of the link, when one is configured. Each start may
// be on another terminal, as with USB. What is on the SIM stays.
func (e *Emulator) Start() (string, error) {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	if e.life != nil {
		return "", errors.New("the emulated modem is started already")
	}
	if err := e.plug(nil); err != nil {
		return "", err
	}
	e.life = &life{quit: make(chan struct{})}
	quit := e.life.quit
	e.life.wait.Go(func() { e.agenda.run(quit) })
	return e.Path(), nil
}

// Close unplugs the modem and waits for its goroutines: who has the terminal open gets a hang-up. Start plugs it in
// again. It may not be called from a hook.
func (e *Emulator) Close() error {
	e.plugging.Lock()
	ending := e.life
	e.life = nil
	e.plugging.Unlock()
	if ending != nil {
		close(ending.quit)
		ending.wait.Wait() // Without the lock: what it does at present may plug.
	}
	e.plugging.Lock()
	defer e.plugging.Unlock()
	var err error
	if e.leaving != nil {
		err = e.leaving.close()
		e.leaving = nil
	}
	return errors.Join(err, e.unplug())
}

// Path is where clients find the terminal; empty while the modem is unplugged.
func (e *Emulator) Path() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.line == nil {
		return ""
	}
	return e.line.path()
}

// Unplug pulls the modem out: who has the terminal open gets a hang-up, and the link is gone.
func (e *Emulator) Unplug() error {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	return e.unplug()
}

// Plug puts the modem in again, when it is not.
func (e *Emulator) Plug() error {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	if e.life == nil {
		return ErrUnplugged
	}
	next := e.leaving
	e.leaving = nil
	return e.plug(next)
}

// Reenumerate has the modem leave its terminal, and come again on another one after a time. The link follows.
func (e *Emulator) Reenumerate(away time.Duration) error {
	e.plugging.Lock()
	defer e.plugging.Unlock()
	switch {
	case e.life == nil:
		return ErrUnplugged
	case e.leaving != nil: // It is on its way already.
		return nil
	}
	// Opened before the old one is closed, or the kernel would give the same name again.
	next, err := openTerminal(e.cfg.Baud)
	if err != nil {
		return err
	}
	if err := e.unplug(); err != nil {
		return errors.Join(err, next.close())
	}
	if away <= 0 {
		return e.plug(next)
	}
	e.leaving = next
	e.agenda.after(away, func() {
		if err := e.Plug(); err != nil {
			e.cfg.Logger.Warn("the emulated modem could not be plugged in again", "error", err)
		}
	})
	return nil
}

// plug puts the modem on a terminal, with plugging held: on the one given, or on a new one.
func (e *Emulator) plug(line *terminal) error {
	e.mu.Lock()
	plugged := e.line != nil
	e.mu.Unlock()
	if plugged {
		return nil
	}
	if line == nil {
		var err error
		if line, err = openTerminal(e.cfg.Baud); err != nil {
			return err
		}
	}
	if err := line.publish(e.cfg.Link); err != nil {
		return fmt.Errorf("plug the emulated modem in: %w", errors.Join(err, line.close()))
	}
	e.mu.Lock()
	e.line = line
	e.power()
	e.awake()
	if len(e.cfg.Profile.Banner) > 0 {
		e.greet()
	}
	e.mu.Unlock()
	line.serve(e.input, e.opened)
	e.chatter(line, 0)
	return nil
}

// unplug hangs up, with plugging held.
func (e *Emulator) unplug() error {
	e.mu.Lock()
	line := e.line
	e.line = nil
	e.mu.Unlock()
	if line == nil {
		return nil
	}
	return line.close()
}

// Traffic tells what has passed on the line since the modem was plugged in.
func (e *Emulator) Traffic() Traffic {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.line == nil {
		return Traffic{}
	}
	return e.line.meter.traffic()
}
