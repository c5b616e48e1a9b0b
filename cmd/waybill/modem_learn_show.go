package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"waybill/gateway"
	"waybill/gateway/pattern"
)

// list shows what is taught.
func (cmd modemLearnCommand) list(ctx context.Context, c *console, teacher *pattern.Teacher) error {
	patterns, err := teacher.Book.Patterns(ctx)
	if err != nil {
		return err
	}
	if len(patterns) == 0 && !cmd.JSON {
		c.printf("Nothing is taught yet.\n")
	}
	for _, p := range patterns {
		if cmd.JSON {
			if err := json.NewEncoder(c.out).Encode(map[string]any{
				"name": "patterns/" + p.UID, "display_name": p.DisplayName, "expression": p.Expression, "time_layout": p.TimeLayout,
				"speed_unit": p.SpeedUnit, "use_sent_time": p.UseSentTime, "alarm": p.Alarm, "example": p.Example,
				"creator": p.Creator, "create_time": p.CreateTime,
			}); err != nil {
				return err
			}
			continue
		}
		c.printf("patterns/%s  %s\n  %s\n", p.UID, p.DisplayName, p.Expression)
		if p.TimeLayout != "" {
			c.printf("  time: %s\n", p.TimeLayout)
		}
		c.printf("  example: %s\n", strconv.Quote(p.Example))
	}
	return nil
}

// try shows what the formats make of a text.
func (cmd modemLearnCommand) try(ctx context.Context, c *console, teacher *pattern.Teacher) error {
	zone, err := time.LoadLocation(cmd.TimeZone)
	if err != nil {
		return usageError{fmt.Sprintf("--time-zone %s is not known; write it as in Asia/Shanghai", cmd.TimeZone)}
	}
	question := pattern.Question{Text: cmd.Try, Zone: zone}
	if number, is := strings.CutPrefix(cmd.Try, "rejectedInputs/"); is {
		if question.Input, err = strconv.ParseInt(number, 10, 64); err != nil {
			return usageError{fmt.Sprintf("%q is no rejected input; the list shows names such as rejectedInputs/12", cmd.Try)}
		}
	}
	if cmd.Expression != "" {
		question.Pattern = cmd.pattern("")
	}
	trial, err := teacher.Try(ctx, question)
	switch {
	case errors.Is(err, gateway.ErrNoInput):
		return fmt.Errorf("%s: %w; `waybill device rejected` shows what there is", cmd.Try, err)
	case errors.Is(err, pattern.ErrNotText):
		return fmt.Errorf("%s: %w", cmd.Try, err)
	case err != nil:
		return err
	}
	if question.Input != 0 {
		c.printf("%s\n", strconv.Quote(trial.Text))
	}
	matched := false
	for i := range trial.Attempts {
		printAttempt(c, &trial.Attempts[i])
		matched = matched || cmd.Expression == "" || strings.HasPrefix(trial.Attempts[i].Format, pattern.Prefix)
	}
	if !matched {
		return errors.New(`nothing that is taught matches; groups and spaces have to stand as in the text, and . + ( ) [ ] ? * need a \ before them`)
	}
	return nil
}

// printAttempt shows what each group became, and what the text did.
func printAttempt(c *console, a *pattern.Attempt) {
	note := ""
	if !a.Decides {
		note = " (another format decides)"
	}
	c.printf("%s%s\n", a.Format, note)
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, g := range a.Groups {
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\n", g.Name, strconv.Quote(g.Text), g.Meaning)
	}
	_ = table.Flush() // A closed pipe is nobody's error.
	if a.Err != nil {
		c.printf("  no fix: %v\n", a.Err)
		return
	}
	c.printf("  a fix of %s at latitude %.6f, longitude %.6f\n", a.Fix.Time.Format(time.RFC3339), a.Fix.Position.Lat(), a.Fix.Position.Lon())
	if len(a.Fix.Attributes) > 0 {
		if attributes, err := json.Marshal(a.Fix.Attributes); err == nil {
			c.printf("  with %s\n", attributes)
		}
	}
}
