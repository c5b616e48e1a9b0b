package command

import "time"

// soon is how long units take that answer at all: they write when they have a fix, or have given up looking for one.
const soon = 10 * time.Minute

// BuiltIn are the templates of the families whose texts the program reads, from their makers' command lists. What a unit of
// another firmware wants otherwise is written as a template of the installation.
func BuiltIn() []Template {
	all := []Template{
		{Model: "coban", Kind: Position, Body: "smslink{password=123456}", AnswerPosition: true},
		{Model: "coban", Kind: Interval, Body: "fix{interval:3}s***n{password=123456}", AnswerPattern: `\bok\b`, AnswerPosition: true},
		{Model: "coban", Kind: Restart, Body: "reset{password=123456}", AnswerPattern: `reset|\bok\b`},
		{Model: "coban", Kind: CutOff, Body: "stop{password=123456}", AnswerPattern: `stop|\bok\b`},
		{Model: "coban", Kind: Restore, Body: "resume{password=123456}", AnswerPattern: `resume|\bok\b`},

		{Model: "concox", Kind: Position, Body: "WHERE#", AnswerPattern: `no data|last position`, AnswerPosition: true},
		{Model: "concox", Kind: Interval, Body: "TIMER,{interval},{interval}#", AnswerPattern: `\bok\b|timer`},
		{Model: "concox", Kind: Restart, Body: "RESET#", AnswerPattern: `\bok\b|restart|reset`},
		{Model: "concox", Kind: CutOff, Body: "RELAY,1#", AnswerPattern: `cut off|relay|\bok\b|speed`},
		{Model: "concox", Kind: Restore, Body: "RELAY,0#", AnswerPattern: `restore|relay|\bok\b`},

		// Login and password go before the command; without them two blanks do.
		{Model: "teltonika", Kind: Position, Body: "{login=} {password=} ggps", AnswerPosition: true},
		{Model: "teltonika", Kind: Interval, Body: "{login=} {password=} setparam 10050:{interval}", AnswerPattern: `10050`},
		{Model: "teltonika", Kind: Restart, Body: "{login=} {password=} cpureset"},
		{Model: "teltonika", Kind: CutOff, Body: "{login=} {password=} setdigout 1", AnswerPattern: `dout`},
		{Model: "teltonika", Kind: Restore, Body: "{login=} {password=} setdigout 0", AnswerPattern: `dout`},

		{Model: "xexun", Kind: Position, Body: "fix030s001n{password=123456}", AnswerPosition: true},
		{Model: "xexun", Kind: Interval, Body: "fix{interval:3}s***n{password=123456}", AnswerPattern: `\bok\b`, AnswerPosition: true},
		{Model: "xexun", Kind: CutOff, Body: "powercar{password=123456} 11", AnswerPattern: `powercar|\bok\b`},
		{Model: "xexun", Kind: Restore, Body: "powercar{password=123456} 00", AnswerPattern: `powercar|\bok\b`},

		{Model: "queclink", Kind: Position, Body: "AT+GTRTO={password=gv300},1,,,,,,FFFF$", AnswerPattern: `GTRTL`, AnswerPosition: true},
		{Model: "queclink", Kind: Restart, Body: "AT+GTRTO={password=gv300},3,,,,,,FFFF$", AnswerPattern: `GTRTO|GTPNA`},
	}
	for i := range all {
		t := &all[i]
		t.BuiltIn = true
		t.Confirm = t.Kind == CutOff || t.Kind == Restore
		t.DisplayName = displayName(t.Kind)
		if t.AnswerPattern != "" || t.AnswerPosition {
			t.AnswerWithin = soon
		}
	}
	return all
}

func displayName(kind string) string {
	switch kind {
	case Position:
		return "Position now"
	case Interval:
		return "Reporting interval in seconds"
	case Restart:
		return "Restart the unit"
	case CutOff:
		return "Cut the engine off"
	case Restore:
		return "Restore the engine"
	}
	return kind
}
