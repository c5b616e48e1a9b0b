package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

// Compiled is a pattern that can be used.
type Compiled struct {
	Pattern
	expression *regexp.Regexp
	groups     map[string]int // by name, the index of the group
	layout     string         // of package time
	unit       float64        // of speed, in metres a second
}

// Compile checks a pattern and makes it usable. It returns a [*tracking.FieldError] that names the field and says what
// to do. It doesn't look at the example; [Compiled.CheckExample] does.
func Compile(p *Pattern) (*Compiled, error) {
	if err := tracking.CheckUID("pattern_id", p.UID); err != nil || len(p.UID) > maxUID {
		return nil, wrong("pattern_id", fmt.Sprintf("use at most %d lower case letters, digits and hyphens, beginning with a letter or digit", maxUID))
	}
	if err := tracking.CheckText("display_name", p.DisplayName); err != nil {
		return nil, err
	}
	c := &Compiled{Pattern: *p, groups: make(map[string]int)}
	for _, check := range []func() error{c.compile, c.nameGroups, c.checkPlace, c.checkTime, c.checkRest} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// compile bounds the expression before it is made usable: matching costs as many steps a byte as it has instructions.
func (c *Compiled) compile() error {
	switch {
	case strings.TrimSpace(c.Expression) == "":
		return wrong("expression", "give a regular expression with named groups, such as (?P<latitude>[0-9.]+)")
	case len(c.Expression) > MaxExpression || !utf8.ValidString(c.Expression):
		return wrong("expression", fmt.Sprintf("keep it to %d bytes of UTF-8; it needs to find the values only, not to match the whole text", MaxExpression))
	}
	parsed, err := syntax.Parse(c.Expression, syntax.Perl)
	if err != nil {
		return wrong("expression", explain(err))
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxInstructions {
		return wrong("expression", "its repeats are too large; use + and * instead of counts such as {500}")
	}
	if c.expression, err = regexp.Compile(c.Expression); err != nil {
		return wrong("expression", explain(err))
	}
	return nil
}

// explain says what is wrong with an expression, and what to do where people know other kinds of them.
func explain(err error) string {
	advice := "it is no RE2 expression: "
	var broken *syntax.Error
	if !errors.As(err, &broken) {
		return advice + err.Error()
	}
	advice += broken.Code.String() + ": " + broken.Expr
	if broken.Code == syntax.ErrInvalidPerlOp {
		advice += "; look-ahead, look-behind and back references don't exist in RE2, say what stands there instead"
	}
	return advice
}

func (c *Compiled) nameGroups() error {
	for i, name := range c.expression.SubexpNames() {
		if name == "" {
			continue
		}
		name = synonym(name)
		if _, twice := c.groups[name]; twice {
			return wrong("expression", "the group "+name+" is there twice; give each its own name")
		}
		if len(name) > maxUID || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return wrong("expression", "the group "+name+" must be named in lower case letters, digits and underscores")
		}
		c.groups[name] = i
	}
	if len(c.groups) > maxGroups {
		return wrong("expression", fmt.Sprintf("name at most %d groups", maxGroups))
	}
	return nil
}

// synonym gives one name to what people call differently.
func synonym(name string) string {
	switch name {
	case "lat":
		return "latitude"
	case "lon", "lng", "long":
		return "longitude"
	case "battery":
		return "battery_percent"
	case "heading":
		return "course"
	}
	return name
}

func (c *Compiled) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, ok := c.groups[name]; return ok })
}

func (c *Compiled) checkPlace() error {
	switch {
	case c.has("latitude") != c.has("longitude"):
		return wrong("expression", "name both groups, latitude and longitude, or none of them")
	case !c.has("latitude") && c.has("latitude_minutes", "latitude_seconds", "latitude_hemisphere", "longitude_minutes", "longitude_seconds", "longitude_hemisphere"):
		return wrong("expression", "name the degrees, too: the groups latitude and longitude")
	case !c.has("latitude") && !c.has("alarm") && c.Alarm == "":
		return wrong("expression", "name the groups latitude and longitude, or alarm, or say in alarm what such a text warns of")
	case c.has("latitude_seconds") && !c.has("latitude_minutes") || c.has("longitude_seconds") && !c.has("longitude_minutes"):
		return wrong("expression", "name the minutes where there are seconds: latitude_minutes and longitude_minutes")
	}
	return nil
}

func (c *Compiled) checkTime() error {
	parts := c.has("year", "month", "day", "hour", "minute", "second", "am_pm")
	switch {
	case parts && (c.has("time") || c.has("unix")), c.has("time") && c.has("unix"):
		return wrong("expression", "tell the time in one way: the group time, or unix, or year, month, day, hour and minute")
	case parts:
		for _, name := range []string{"year", "month", "day", "hour", "minute"} {
			if !c.has(name) {
				return wrong("expression", "the group "+name+" is missing: year, month, day, hour and minute belong together")
			}
		}
	case c.has("time"):
		var err error
		if c.layout, err = layoutOf(c.TimeLayout); err != nil {
			return err
		}
	case c.has("latitude") && !c.has("unix") && !c.UseSentTime:
		return wrong("expression", "it has no time: name the group time with a time_layout, or year, month, day, hour and minute, or unix; "+
			"or set use_sent_time if such a text always speaks of the moment when it is sent")
	}
	if c.TimeLayout != "" && !c.has("time") {
		return wrong("time_layout", "it is of the group time, which the expression doesn't have")
	}
	return nil
}

func (c *Compiled) checkRest() error {
	var ok bool
	if c.unit, ok = c.SpeedUnit.metres(); !ok {
		return wrong("speed_unit", "use km/h, m/s, kn or mph")
	}
	if c.Alarm != "" && !alarm.Known(c.Alarm) {
		return wrong("alarm", "use a word of the documentation, such as sos, power_cut, low_battery, shock, door_open or speeding")
	}
	if len(c.Example) > MaxExample || !utf8.ValidString(c.Example) {
		return wrong("example", fmt.Sprintf("keep it to %d bytes of UTF-8", MaxExample))
	}
	return nil
}
