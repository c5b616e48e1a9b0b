package fault

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parse reads a fault as it is written: `hang,for=5s,end=reset`. What its kind doesn't take is an error, and so is what
// is out of range. Text is last, and is all that follows `text=`.
func Parse(s string) (Fault, error) {
	name, rest, more := strings.Cut(s, ",")
	f := Fault{Kind: Kind(strings.TrimSpace(name))}
	known, err := info(f.Kind)
	if err != nil {
		return Fault{}, err
	}
	for more {
		setting := rest
		if more = !strings.HasPrefix(rest, "text="); more {
			setting, rest, more = strings.Cut(rest, ",")
		}
		key, value, _ := strings.Cut(setting, "=")
		if !slices.Contains(known.Takes, key) {
			return Fault{}, fmt.Errorf("the fault %s takes no %q; it takes %s", f.Kind, key, takes(known))
		}
		if err := f.set(key, value); err != nil {
			return Fault{}, fmt.Errorf("the fault %s: %s=%s: write %s: %w", f.Kind, key, value, written(key), err)
		}
	}
	return f.withDefaults(), f.check()
}

func takes(i Info) string {
	if len(i.Takes) == 0 {
		return "nothing"
	}
	return strings.Join(i.Takes, ", ")
}

// written says how the value of a setting is to be written.
func written(key string) string {
	switch key {
	case "for", "delay":
		return "a duration, as in " + key + "=20s"
	case "rate":
		return "a share, as in rate=0.1"
	default:
		return "a whole number"
	}
}

func (f *Fault) set(key, value string) (err error) {
	switch key {
	case "for":
		f.For, err = time.ParseDuration(value)
	case "delay":
		f.Delay, err = time.ParseDuration(value)
	case "next":
		f.Next, err = strconv.Atoi(value)
	case "code":
		f.Code, err = strconv.Atoi(value)
	case "size":
		f.Size, err = strconv.Atoi(value)
	case "rate":
		f.Rate, err = strconv.ParseFloat(value, 64)
	case "seed":
		f.Seed, err = strconv.ParseUint(value, 10, 64)
	case "end":
		f.End = End(value)
	case "text":
		f.Text = value
	}
	return err
}

// Bounds of what a fault may ask for: a test that hangs for hours is a mistake, and garbage has to pass the line.
const (
	longest = time.Hour
	largest = 1 << 16
)

func (f *Fault) check() error {
	switch {
	case f.For < 0 || f.For > longest || f.Delay < 0 || f.Delay > longest:
		return fmt.Errorf("the fault %s: times are from 0 to %v", f.Kind, longest)
	case f.Next < 0 || f.Size < 0 || f.Size > largest:
		return fmt.Errorf("the fault %s: next and size are not negative, and size is at most %d", f.Kind, largest)
	case f.Rate < 0 || f.Rate > 1 || math.IsNaN(f.Rate):
		return fmt.Errorf("the fault %s: a rate is from 0 to 1", f.Kind)
	case f.Code < 0 || f.Code > 999:
		return fmt.Errorf("the fault %s: a code is from 0 to 999", f.Kind)
	case f.End != "" && f.End != EndReset && f.End != EndReopen:
		return fmt.Errorf("the fault %s: end is %s or %s, not %q", f.Kind, EndReset, EndReopen, f.End)
	case strings.ContainsAny(f.Text, "\r\n"):
		return fmt.Errorf("the fault %s: a code is one line", f.Kind)
	}
	return nil
}

// String writes the fault so that Parse reads the same.
func (f Fault) String() string {
	parts := []string{string(f.Kind)}
	add := func(key, value string, wanted bool) {
		if wanted {
			parts = append(parts, key+"="+value)
		}
	}
	add("for", f.For.String(), f.For != 0)
	add("next", strconv.Itoa(f.Next), f.Next != 0)
	add("rate", strconv.FormatFloat(f.Rate, 'g', -1, 64), f.Rate != 0)
	add("seed", strconv.FormatUint(f.Seed, 10), f.Seed != 0)
	add("code", strconv.Itoa(f.Code), f.Code != 0)
	add("size", strconv.Itoa(f.Size), f.Size != 0)
	add("delay", f.Delay.String(), f.Delay != 0)
	add("end", string(f.End), f.End != "")
	add("text", f.Text, f.Text != "")
	return strings.Join(parts, ",")
}

// MarshalText is String, for JSON and flags.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText is Parse.
func (f *Fault) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*f = parsed
	return nil
}
