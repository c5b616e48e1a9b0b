package pattern_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/pattern"
	"waybill/tracking"
)

// acme is a pattern of a format that nothing built-in knows.
func acme() *pattern.Pattern {
	return &pattern.Pattern{
		UID:        "acme",
		Expression: `POS (?P<latitude>-?[\d.]+) (?P<longitude>-?[\d.]+) AT (?P<time>[\d.]+ [\d:]+)(?: V(?P<speed>\d+))?`,
		TimeLayout: "dd.MM.yyyy HH:mm",
		Example:    "POS 31.23 121.47 AT 13.09.2026 14:50 V36",
	}
}

func TestPatternsThatCantBeUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(p *pattern.Pattern)
		field  string
		says   string
	}{
		"no expression":        {func(p *pattern.Pattern) { p.Expression = " " }, "expression", "named groups"},
		"too long":             {func(p *pattern.Pattern) { p.Expression = strings.Repeat("x", pattern.MaxExpression+1) }, "expression", "1000"},
		"no expression of RE2": {func(p *pattern.Pattern) { p.Expression = `(?P<latitude>[)` }, "expression", "missing closing ]"},
		"look-ahead":           {func(p *pattern.Pattern) { p.Expression = `(?=x)` }, "expression", "look-ahead"},
		"back reference":       {func(p *pattern.Pattern) { p.Expression = `(a)\1` }, "expression", "RE2"},
		"huge repeats":         {func(p *pattern.Pattern) { p.Expression = `((a{30}){30}){30}(?P<latitude>1)(?P<longitude>1)` }, "expression", "repeat"},
		"large repeats": {func(p *pattern.Pattern) {
			p.Expression = `(?P<latitude>[a-z]{999}[a-z]{999})(?P<longitude>[a-z]{999}[a-z]{999})`
		}, "expression", "repeats are too large"},
		"a group twice":        {func(p *pattern.Pattern) { p.Expression = `(?P<lat>1)(?P<latitude>2)(?P<longitude>3)` }, "expression", "twice"},
		"a group's name":       {func(p *pattern.Pattern) { p.Expression = `(?P<Latitude>1)(?P<longitude>3)` }, "expression", "lower case"},
		"nothing":              {func(p *pattern.Pattern) { p.Expression = `hello (?P<name>\w+)` }, "expression", "latitude and longitude, or alarm"},
		"half a place":         {func(p *pattern.Pattern) { p.Expression = `(?P<latitude>1)` }, "expression", "both groups"},
		"minutes alone":        {func(p *pattern.Pattern) { p.Expression = `(?P<latitude_minutes>1)(?P<alarm>x)` }, "expression", "degrees, too"},
		"seconds alone":        {func(p *pattern.Pattern) { p.Expression = `(?P<lat>1)(?P<lon>1)(?P<latitude_seconds>1)` }, "expression", "minutes"},
		"no time":              {func(p *pattern.Pattern) { p.Expression, p.TimeLayout = `(?P<lat>1) (?P<lon>2)`, "" }, "expression", "use_sent_time"},
		"two times":            {func(p *pattern.Pattern) { p.Expression += `(?P<unix>\d+)` }, "expression", "one way"},
		"half a time":          {func(p *pattern.Pattern) { p.Expression, p.TimeLayout = `(?P<lat>1)(?P<lon>2)(?P<hour>3)`, "" }, "expression", "year is missing"},
		"no layout":            {func(p *pattern.Pattern) { p.TimeLayout = "" }, "time_layout", "yyyy-MM-dd"},
		"a layout for nothing": {func(p *pattern.Pattern) { p.Expression = `(?P<lat>1)(?P<lon>2)(?P<unix>3)` }, "time_layout", "group time"},
		"a Go layout":          {func(p *pattern.Pattern) { p.TimeLayout = "2006-01-02 15:04" }, "time_layout", "not known"},
		"a layout of words":    {func(p *pattern.Pattern) { p.TimeLayout = "yyyy-MM-dd at HH:mm" }, "time_layout", "not known"},
		"other writing":        {func(p *pattern.Pattern) { p.TimeLayout = "yyyy年MM月dd日 HH:mm" }, "time_layout", "other writing"},
		"no year":              {func(p *pattern.Pattern) { p.TimeLayout = "dd.MM. HH:mm" }, "time_layout", "year"},
		"no month":             {func(p *pattern.Pattern) { p.TimeLayout = "yyyy-dd HH:mm" }, "time_layout", "month"},
		"no hour":              {func(p *pattern.Pattern) { p.TimeLayout = "yyyy-MM-dd mm" }, "time_layout", "hour"},
		"half a day":           {func(p *pattern.Pattern) { p.TimeLayout = "yyyy-MM-dd hh:mm" }, "time_layout", "AM, PM"},
		"a unit":               {func(p *pattern.Pattern) { p.SpeedUnit = "furlongs" }, "speed_unit", "km/h"},
		"an alarm":             {func(p *pattern.Pattern) { p.Alarm = "help me" }, "alarm", "sos"},
		"a name":               {func(p *pattern.Pattern) { p.UID = "ACME" }, "pattern_id", "lower case"},
		"a long name":          {func(p *pattern.Pattern) { p.UID = strings.Repeat("a", 41) }, "pattern_id", "40"},
		"a long example":       {func(p *pattern.Pattern) { p.Example = strings.Repeat("a", pattern.MaxExample+1) }, "example", "2000"},
	} {
		p := acme()
		c.change(p)
		_, err := pattern.Compile(p)
		var field *tracking.FieldError
		require.ErrorAs(t, err, &field, name)
		require.ErrorIs(t, err, tracking.ErrInvalid, name)
		require.Equal(t, c.field, field.Field, name)
		require.Contains(t, field.Advice, c.says, name)
	}
}

func TestExamplesAreChecked(t *testing.T) {
	t.Parallel()
	for example, says := range map[string]string{
		"":              "as the unit sends it",
		"POS somewhere": "doesn't match",
		"POS 31.23 121.47 AT 13.13.2026 14:50 V36": "neither a position nor an alarm",
		"POS 91.23 121.47 AT 13.09.2026 14:50":     "neither a position nor an alarm",
	} {
		p := acme()
		p.Example = example
		c, err := pattern.Compile(p)
		require.NoError(t, err)
		var field *tracking.FieldError
		require.ErrorAs(t, c.CheckExample(time.UTC), &field, example)
		require.Equal(t, "example", field.Field)
		require.Contains(t, field.Advice, says)
	}
	c, err := pattern.Compile(acme())
	require.NoError(t, err)
	require.NoError(t, c.CheckExample(time.UTC))
}
