package fault

import (
	"fmt"
	"slices"
	"strings"
)

// Info describes a kind for people.
type Info struct {
	Kind  Kind
	Help  string
	Takes []string // The settings that it takes.
}

// Kinds lists all kinds with what they take.
func Kinds() []Info {
	occasions := func(more ...string) []string { return append([]string{"for", "next", "rate", "seed"}, more...) }
	return []Info{
		{Indication, "a code nobody asked for inside an answer, between two of its lines", occasions("text")},
		{TornLine, "a code nobody asked for in the middle of an answer's line, at any byte", occasions("text")},
		{Slow, "answers come late by delay (2s)", occasions("delay")},
		{Garbage, "bytes without sense on the line (size=64), once", []string{"size", "seed"}},
		{Hang, "says and hears nothing; end=reset: AT+CFUN ends it, end=reopen: that the port is opened anew", []string{"for", "end"}},
		{Restart, "restarts by itself, with its maker's banner", nil},
		{Unplug, "is pulled out, for a time or until it is plugged in", []string{"for"}},
		{Plug, "is plugged in again", nil},
		{Reenumerate, "leaves (for a time) and comes again on another terminal; the link follows", []string{"for"}},
		{SIMFull, "sent messages fill the memories", []string{"for"}},
		{SIMBusy, "reading, selecting and deleting end with +CMS ERROR: 314, asking for the PIN with +CME ERROR: 14", occasions()},
		{KeepDeleted, "a deletion says OK and does nothing", occasions()},
		{NoNetwork, "the registration is lost; code=0, 2 or 3 is what CREG says", []string{"for", "code"}},
		{Signal, "the signal is code: 0 to 31, or 99 for none", []string{"for", "code"}},
		{SendError, "sending ends with +CMS ERROR (code=500, 38, 42, ...)", occasions("code")},
		{SendSilence, "a message is sent and the modem never says so", occasions()},
		{LostReport, "the report of a delivery never comes", occasions()},
		{Undeliverable, "a message is taken and not delivered; code is the report's status (70: expired)", occasions("code")},
		{Heal, "ends all faults, and plugs the modem in", nil},
	}
}

// info finds a kind.
func info(k Kind) (Info, error) {
	all := Kinds()
	i := slices.IndexFunc(all, func(i Info) bool { return i.Kind == k })
	if i < 0 {
		names := make([]string, len(all))
		for i, known := range all {
			names[i] = string(known.Kind)
		}
		return Info{}, fmt.Errorf("there is no fault %q; there are %s", k, strings.Join(names, ", "))
	}
	return all[i], nil
}
