package modem

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// PINs are the PINs of SIMs as the settings have them: one for all, and those of single SIMs and modems.
type PINs struct {
	all string
	of  map[string]string // By ICCID, IMEI, or the path or name of the modem's port.
}

// ParsePINs reads settings: "1234" is for every SIM that asks, "KEY=1234" for the SIM with that ICCID, the modem with that
// IMEI, or the one at that path.
func ParsePINs(settings []string) (PINs, error) {
	pins := PINs{of: make(map[string]string)}
	for _, setting := range settings {
		key, pin, single := cutLast(setting, "=")
		if !single {
			key, pin = "", setting
		}
		if len(pin) < 4 || len(pin) > 8 || strings.Trim(pin, "0123456789") != "" {
			return PINs{}, errors.New("a PIN has 4 to 8 digits: write PIN for every SIM, or KEY=PIN with the SIM's ICCID, the modem's IMEI or its path as the key")
		}
		if key != "" {
			pins.of[key] = pin
			continue
		}
		if pins.all != "" && pins.all != pin {
			return PINs{}, errors.New("two PINs are for every SIM: say whose each is, as KEY=PIN with the SIM's ICCID, the modem's IMEI or its path as the key")
		}
		pins.all = pin
	}
	return pins, nil
}

// For gives the PIN for a SIM, a modem and a path, the nearest to the SIM first; empty for none.
func (p PINs) For(iccid, imei, path string) string {
	for _, key := range []string{iccid, imei, path, filepath.Base(path)} {
		if pin, known := p.of[key]; known && key != "" {
			return pin
		}
	}
	return p.all
}

// String says how many there are, so that no log can show them.
func (p PINs) String() string { return fmt.Sprintf("%d PINs of SIMs and modems", len(p.of)) }

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
