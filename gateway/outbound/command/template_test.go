package command_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/tracking"
)

func TestBuiltInTemplatesAreWhole(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, b := range command.BuiltIn() {
		require.NoError(t, b.Check(), "%s of %s", b.Kind, b.Model)
		require.False(t, seen[b.Model+b.Kind])
		seen[b.Model+b.Kind] = true
		values := map[string]string{}
		if b.Kind == command.Interval {
			values["interval"] = "60"
		}
		body, _, err := b.Write(values)
		require.NoError(t, err)
		_, err = outbound.Estimate(body)
		require.NoError(t, err)
		require.Equal(t, b.Kind == command.CutOff || b.Kind == command.Restore, b.Confirm, "what can do harm is confirmed")
	}
	for _, model := range []string{"coban", "concox", "teltonika", "xexun"} {
		for _, kind := range []string{command.Position, command.Interval, command.CutOff, command.Restore} {
			require.True(t, seen[model+kind], "%s of %s", kind, model)
		}
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body   string
		values map[string]string
		want   string
		shown  string
	}{
		{"WHERE#", nil, "WHERE#", "WHERE#"},
		{"fix{interval:3}s***n{password=123456}", map[string]string{"interval": "30"}, "fix030s***n123456", "fix030s***n****"},
		{"stop{password=123456}", map[string]string{"password": "4711"}, "stop4711", "stop****"},
		{"TIMER,{interval},{interval}#", map[string]string{"interval": "60"}, "TIMER,60,60#", "TIMER,60,60#"},
		{"{login=} {password=} ggps", nil, "  ggps", "  ggps"},
		{"{{x} {a}", map[string]string{"a": "b"}, "{x} b", "{x} b"},
	} {
		got, shown, err := command.Template{Model: "m", Kind: "k", Body: c.body}.Write(c.values)
		require.NoError(t, err, c.body)
		require.Equal(t, c.want, got)
		require.Equal(t, c.shown, shown)
	}
	for name, c := range map[string]struct {
		body   string
		values map[string]string
	}{
		"missing":   {"fix{interval:3}s", nil},
		"unknown":   {"WHERE#", map[string]string{"x": "1"}},
		"no number": {"fix{interval:3}s", map[string]string{"interval": "soon"}},
		"too long":  {"fix{interval:3}s", map[string]string{"interval": "3600"}},
		"a line":    {"stop{password=1}", map[string]string{"password": "1\nstop"}},
		"empty":     {"stop{password=1}", map[string]string{"password": ""}},
	} {
		_, _, err := command.Template{Model: "m", Kind: "k", Body: c.body}.Write(c.values)
		var wrong *tracking.FieldError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, "parameters", wrong.Field)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := command.Template{Model: "m1", Kind: "photo", Body: "photo{password}", AnswerPattern: "ok", AnswerWithin: time.Minute}
	require.NoError(t, good.Check())
	for field, spoil := range map[string]func(*command.Template){
		"model":          func(t *command.Template) { t.Model = "My Model" },
		"kind":           func(t *command.Template) { t.Kind = "" },
		"body":           func(t *command.Template) { t.Body = "photo{" },
		"answer_pattern": func(t *command.Template) { t.AnswerPattern = "(" },
		"answer_within":  func(t *command.Template) { t.AnswerWithin = 48 * time.Hour },
	} {
		bad := good
		spoil(&bad)
		var wrong *tracking.FieldError
		require.ErrorAs(t, bad.Check(), &wrong, field)
		require.Equal(t, field, wrong.Field)
	}
	for _, body := range []string{"", "{}", "{A}", "{a:x}", "{a:10}", strings.Repeat("x", 500)} {
		bad := good
		bad.Body = body
		require.Error(t, bad.Check(), body)
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("fix{interval:3}s***n{password=123456}", "60")
	f.Add("{{{a}}", "")
	f.Fuzz(func(_ *testing.T, body, value string) {
		template := command.Template{Model: "m", Kind: "k", Body: body}
		if template.Check() != nil {
			return
		}
		_, _, _ = template.Write(map[string]string{"interval": value, "password": value})
	})
}

// FuzzFits: an answer is matched or not, whatever pattern and text.
func FuzzFits(f *testing.F) {
	f.Add(`\bok\b`, "Reset OK!", false)
	f.Add(`(`, "x", true)
	f.Fuzz(func(t *testing.T, pattern, body string, position bool) {
		c := command.Command{AnswerPattern: pattern, AnswerPosition: position}
		compiled, err := regexp.Compile("(?i)" + pattern)
		want := position || pattern != "" && err == nil && compiled.MatchString(body)
		require.Equal(t, want, c.Fits(gateway.Answer{Body: body, Position: position}))
	})
}

// What a template of one's own has as password is not for everybody; all else stays as it is written.
func TestShown(t *testing.T) {
	t.Parallel()
	for body, shown := range map[string]string{ //nolint:gosec // nobody's passwords
		"DYD,{password=SECRET9}#":              "DYD,{password=****}#",
		"{login=} {password=x1} {{a} {n:3=7}s": "{login=} {password=****} {{a} {n:3=7}s",
		"{interval:3}{password}":               "{interval:3}{password}",
	} {
		require.Equal(t, shown, command.Template{Body: body}.Shown())
	}
	require.Equal(t, "stop{password=123456}", command.Template{Body: "stop{password=123456}", BuiltIn: true}.Shown(), "in every manual")
}
