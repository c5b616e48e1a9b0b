package profile

// Wavecom is a Fastrack, or a MultiTech of the same make: +WIND when it starts, and +WMGF for a full memory (MultiTech
// "AT Commands Reference Guide", chapter 14). It has no memory but the SIM's.
func Wavecom() Profile {
	return Profile{
		Name: "wavecom", Maker: "WAVECOM MODEM", Model: "MULTIBAND  900E  1800", Revision: "657e09gg.Q2406B 1320676 061804 17:38",
		Banner:   []string{"+WIND: 1", "+WIND: 3", "+WIND: 4"},
		Memories: []Memory{{Name: "SM", Capacity: 15, First: 1}, {Name: "SR", Capacity: 10, First: 1}},
		Reports:  "SR",
		Offers:   [5]string{"(0,1,2)", "(0,1,2,3)", "(0,1,2,3)", "(0,1,2)", "(0,1)"},
		Full:     "+WMGF",
	}
}
