// Package profile describes modems as their makers built them: what they are called, what they say when they start and
// without being asked, which memories and settings they offer, and where they differ from the standards.
//
// Each file is one kind of modem. What was read in a maker's manual names it; the rest is what such modems are known for,
// and a real one may differ.
package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Memory is one of the modem's message memories.
type Memory struct {
	Name     string // SM on the SIM, ME in the modem, SR for status reports; MT, SM_P and ME_P show SM and ME as one.
	Capacity int    // Of ME and SR, and of the SIM that the modem comes with. MT and the like have that of their parts.
	First    int    // Index of the first place: 0 on some modems, 1 on others.
}

// Profile is one kind of modem.
type Profile struct {
	Name     string // As given to `waybill modem emulate --profile`.
	Maker    string
	Model    string
	Revision string

	Banner   []string // What it says once it has started. {PIN} stands for what CPIN? answers.
	Memories []Memory // The first takes what comes in.
	Reports  string   // The memory of status reports (CNMI ds=2); empty for the one that receives.

	Offers [5]string // What CNMI=? lists, a set a setting: "(0-3)". What is not in it is refused.

	Full     string        // What it says when a message finds a memory full; {MEM} stands for its name. Empty: nothing.
	Chatter  []string      // What it says by itself, in turn.
	Interval time.Duration // Between two of them.
	Quiet    string        // The command that ends it with 0, and has it begin again with 1.

	Temperature string            // The command that reads it; empty: none.
	Degrees     string            // Its answer.
	Tries       string            // The command that tells how many PINs and PUKs are left; empty: none.
	Commands    map[string]string // Others, as typed behind AT, with their answers.

	Takes []string // Settings that it takes, with nothing following from them here.

	EmptySlot string // What CMGR answers for an empty place before OK; empty: +CMS ERROR: 321.
	LongLine  int    // A longer command line is answered by ERROR; 0: any is understood.
	Leaves    bool   // A reset takes it off the bus, as it does sticks: its port hangs up and comes again.
}

// All lists the profiles, the plain one first.
func All() []Profile {
	return []Profile{Plain(), SIMCom(), Quectel(), Huawei(), Cinterion(), Wavecom()}
}

// Named finds a profile.
func Named(name string) (Profile, error) {
	all := All()
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	if i := slices.Index(names, name); i >= 0 {
		return all[i], nil
	}
	return Profile{}, fmt.Errorf("there is no profile %q of a modem; there are %s", name, strings.Join(names, ", "))
}

// Plain is a modem without a maker: the standards and nothing else.
func Plain() Profile {
	return Profile{
		Name: "plain", Maker: "Waybill", Model: "Emulated modem", Revision: "1",
		Memories: []Memory{{Name: "SM", Capacity: 20, First: 1}, {Name: "ME", Capacity: 100, First: 1}},
		Offers:   [5]string{"(0-2)", "(0,1)", "(0)", "(0-2)", "(0,1)"},
	}
}
