package profile

import "time"

// Huawei is a stick such as the E173: slots from 0, a line that never falls silent, and a reset that takes it off the
// bus. ^SMMEMFULL and that SR can't be read, although reports are announced there, are in the "MU509 AT Command Interface
// Specification" (6.21, 6.6); the rest was not held against it. Long command lines fail on such sticks.
func Huawei() Profile {
	return Profile{
		Name: "huawei", Maker: "huawei", Model: "E173", Revision: "11.126.85.00.209",
		Banner:   []string{"^SIMST:1", "^SRVST:2", "^RSSI:17"},
		Memories: []Memory{{Name: "SM", Capacity: 20, First: 0}, {Name: "ME", Capacity: 255, First: 0}, {Name: "MT", First: 0}},
		Reports:  "SR", // Which is in no list.
		Offers:   [5]string{"(0,1,2)", "(0,1,2,3)", "(0,2,3)", "(0,1,2)", "(0,1)"},
		Full:     `^SMMEMFULL:"{MEM}"`,
		Chatter:  []string{"^RSSI:17", "^MODE:3,3", "^BOOT:20952548,0,0,0,6", "^RSSI:19", "^DSFLOWRPT:00000A8C,00000000,00000000"},
		Interval: 3 * time.Second,
		Quiet:    "^CURC",              // This and
		Takes:    []string{"^PORTSEL"}, // this are what gammu insists on.

		Temperature: "^CHIPTEMP?", Degrees: "^CHIPTEMP: 280,65535,290,65535,65535",
		Tries:    "^CPIN?",
		LongLine: 128,
		Leaves:   true,
	}
}
