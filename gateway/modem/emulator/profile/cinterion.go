package profile

// Cinterion is what became of Siemens' modems: a BGS2, with their ^SYSSTART, ^SCTM, ^SPIC and ^SMGO. CNMI
// takes bfr=1 alone, as the TC35 and MC55 had it, and CMGR answers an empty slot by a header with nothing behind it,
// which smstools knows as Siemens' way. None of it was held against the maker's manual.
func Cinterion() Profile {
	return Profile{
		Name: "cinterion", Maker: "Cinterion", Model: "BGS2-W", Revision: "REVISION 02.000",
		Banner:      []string{"^SYSSTART"},
		Memories:    []Memory{{Name: "ME", Capacity: 25, First: 1}, {Name: "SM", Capacity: 20, First: 1}, {Name: "MT", First: 1}},
		Offers:      [5]string{"(0-3)", "(0,1)", "(0,2,3)", "(0,2)", "(1)"},
		Full:        "^SMGO: 1",
		Temperature: "^SCTM?", Degrees: "^SCTM: 0,0,28",
		Tries:     "^SPIC",
		Commands:  map[string]string{"^SMGO?": "^SMGO: 1,0"},
		EmptySlot: "+CMGR: 0,,0\r\n",
	}
}
