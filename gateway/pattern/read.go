package pattern

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

// Reading is what a pattern makes of a text that it matches.
type Reading struct {
	// Groups are the named groups that took part, in the expression's order, and what each became.
	Groups []Group
	// Fix is the fix in the text, when Err is nil.
	Fix tracking.Fix
	// Err is nil, or in the words of package codec: [codec.ErrNoFix] with or without an alarm, or a [*codec.Error].
	Err error
}

// Group is a named group of a pattern in a text.
type Group struct {
	Name string
	// Text is what it matched.
	Text string
	// Meaning is what that became, for a person; a group that couldn't be read says why.
	Meaning string
}

// Read makes of a text what the pattern says, and false when it doesn't match. Sent is when the text was sent, and the
// zone that of the device.
func (c *Compiled) Read(text string, sent time.Time, zone *time.Location) (Reading, bool) {
	match := c.expression.FindStringSubmatch(text[:min(len(text), MaxText)])
	if match == nil {
		return Reading{}, false
	}
	m := matched{Compiled: c, match: match, sent: sent, zone: zone, meanings: make(map[string]string)}
	r := Reading{}
	r.Fix, r.Err = m.fix()
	for i, name := range c.expression.SubexpNames() {
		if name = synonym(name); name != "" && match[i] != "" {
			r.Groups = append(r.Groups, Group{Name: name, Text: match[i], Meaning: m.meanings[name]})
		}
	}
	return r, true
}

// CheckExample says that the pattern doesn't make a fix or an alarm of its example, as a [*tracking.FieldError].
func (c *Compiled) CheckExample(zone *time.Location) error {
	if strings.TrimSpace(c.Example) == "" {
		return wrong("example", "give a text as the unit sends it")
	}
	reading, ok := c.Read(c.Example, time.Now(), zone)
	var unlocated *codec.Unlocated
	switch {
	case !ok:
		return wrong("example", "the expression doesn't match it; try it first, without adding it")
	case reading.Err != nil && !errors.As(reading.Err, &unlocated):
		return wrong("example", "it matches, and becomes neither a position nor an alarm: "+reading.Err.Error())
	}
	return nil
}

// matched is a pattern with the groups of a text.
type matched struct {
	*Compiled
	match    []string
	sent     time.Time
	zone     *time.Location
	meanings map[string]string
}

// group is what the named group matched; empty when it is not there.
func (m *matched) group(name string) string {
	i, ok := m.groups[name]
	if !ok {
		return ""
	}
	return strings.TrimSpace(m.match[i])
}

func (m *matched) fix() (tracking.Fix, error) {
	warned := m.warning()
	if m.group("no_fix") != "" {
		m.meanings["no_fix"] = "the unit has no position of now"
		return tracking.Fix{}, codec.NoFix(warned)
	}
	if m.group("latitude") == "" || m.group("longitude") == "" {
		return tracking.Fix{}, codec.NoFix(warned)
	}
	position, err := m.place()
	if errors.Is(err, codec.ErrNoFix) {
		return tracking.Fix{}, codec.NoFix(warned)
	}
	if err != nil {
		return tracking.Fix{}, err
	}
	t, err := m.moment()
	if err != nil {
		return tracking.Fix{}, err
	}
	fix := tracking.NewFix(t, position)
	if err := m.values(&fix); err != nil {
		return tracking.Fix{}, err
	}
	fix.Attributes = m.attributes(warned)
	return fix, nil
}

// warning is the word for what the text warns of.
func (m *matched) warning() string {
	said := m.group("alarm")
	if said == "" {
		return m.Alarm
	}
	word := alarm.Word(said)
	if word == "" && alarm.Known(strings.ToLower(said)) {
		word = strings.ToLower(said)
	}
	if word == "" {
		m.meanings["alarm"] = "no alarm that is known"
		return m.Alarm
	}
	m.meanings["alarm"] = fmt.Sprintf("the alarm %s", word)
	return word
}
