// Package alarm knows what units call what they warn of, and has one word for each: "help me!", "SOS alarm" and "panic
// button" are all "sos". The word is what the attribute alarm of a fix says, and the kind of an event without one.
package alarm

import "strings"

// The words. Where tracking has a condition of the same name, the alarm opens its alert.
const (
	SOS        = "sos"
	LowBattery = "low_battery"
	PowerCut   = "power_cut"
	Shock      = "shock"
	Speeding   = "speeding"
	DoorOpen   = "door_open"
	Tilt       = "tilt"
	// Moved is a vehicle that moves while it should stand.
	Moved = "moved"
	// Fence is a zone of the unit's own that was left or entered.
	Fence = "fence"
	// Ignition is an engine that was started.
	Ignition = "ignition"
	// Fuel is a tank that loses fuel.
	Fuel = "fuel"
	// NoReception is an antenna that was cut or covered.
	NoReception = "no_reception"
	// Temperature is beyond the unit's own limit.
	Temperature = "temperature"
)

// Known says whether it is one of the words.
func Known(word string) bool {
	switch word {
	case SOS, LowBattery, PowerCut, Shock, Speeding, DoorOpen, Tilt, Moved, Fence, Ignition, Fuel, NoReception, Temperature:
		return true
	}
	return false
}

// longest is the longest phrase that is looked at, in bytes.
const longest = 40

// Word gives the word for what a unit says, or "" when it is none that we know. Case, punctuation around it and the
// word alarm or alert behind it don't matter. What has a colon in it is a reading ("power: on") and no alarm.
func Word(said string) string {
	if len(said) > 2*longest || strings.Contains(said, ":") {
		return ""
	}
	phrase := bare(said)
	if word := known(phrase); word != "" {
		return word
	}
	if short, ok := untailed(phrase); ok {
		return known(short)
	}
	return ""
}

// untailed is a phrase without the word that makes it an alarm.
func untailed(phrase string) (short string, ok bool) {
	for _, tail := range []string{" alarm", " alert", " warning", " detected", " detection", " event"} {
		if short, ok = strings.CutSuffix(phrase, tail); ok {
			return short, true
		}
	}
	return phrase, false
}

// bare is the phrase in lower case with single spaces, without punctuation around it.
func bare(said string) string {
	fields := strings.FieldsFunc(strings.ToLower(said), func(r rune) bool {
		return r <= ' ' || strings.ContainsRune("!.,;:*-_<>[]()\"'", r)
	})
	return strings.Join(fields, " ")
}

// Leading gives the word for the alarm that a text begins with: its first line, or what stands before the first
// exclamation mark. So an alarm is heard whatever follows it. Before a comma or colon it has to be a call for help, or be
// called an alarm: "speed: 20" and "power, on" are readings.
func Leading(text string) string {
	text = strings.TrimLeft(text, " \t\r\n*!<[(")
	line := before(text, "\r\n!")
	if word := Word(line); word != "" {
		return word
	}
	short := before(line, ":,;")
	word := Word(short)
	if word == "" {
		return ""
	}
	if _, called := untailed(bare(short)); called || word == SOS {
		return word
	}
	return ""
}

// before is what stands before the first of the marks.
func before(text, marks string) string {
	if end := strings.IndexAny(text, marks); end >= 0 {
		return text[:end]
	}
	return text
}

// known is the table. It is a function because a switch needs no global.
func known(phrase string) string {
	switch phrase {
	case "help me", "help", "sos", "panic", "panic button", "emergency", "emergency button", "duress", "救命", "紧急求救", "求救":
		return SOS
	case "low battery", "low bat", "battery low", "bat low", "lowbattery", "low power", "low batt", "internal battery low", "低电", "低电量":
		return LowBattery
	case "ac", "power", "no power", "power cut", "power cut off", "power off", "power failure", "power lost", "cut power", "external power cut",
		"external power lost", "external power off", "external power disconnected", "main power cut", "power disconnected", "power disconnect",
		"unplug", "unplugged", "断电":
		return PowerCut
	case "sensor", "shock", "vibration", "vibrate", "shake", "crash", "collision", "accident", "impact", "震动":
		return Shock
	case "speed", "overspeed", "over speed", "speeding", "overspeeding", "over speeding", "exceed speed", "超速":
		return Speeding
	case "door", "door open", "door opened":
		return DoorOpen
	case "tilt", "rollover", "roll over":
		return Tilt
	case "move", "moved", "movement", "displacement", "towing", "tow", "illegal move", "位移":
		return Moved
	case "stockade", "fence", "geofence", "geo fence", "out of fence", "in fence", "exit fence", "enter fence", "area", "parameter":
		return Fence
	case "acc", "acc on", "ignition", "ignition on":
		return Ignition
	case "oil", "fuel", "fuel leak", "fuel theft":
		return Fuel
	case "no gps", "no reception", "gps lost", "gps antenna cut", "antenna cut", "gps cut", "jamming":
		return NoReception
	case "temperature", "high temperature", "low temperature":
		return Temperature
	}
	return ""
}
