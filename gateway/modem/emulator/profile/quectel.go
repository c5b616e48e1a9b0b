package profile

// Quectel is an EC25, with QTEMP, QPINC and a code for a full memory (AT+QINDCFG="smsfull",1). Its slots begin at 0. None of
// it was held against the maker's manual.
func Quectel() Profile {
	return Profile{
		Name: "quectel", Maker: "Quectel", Model: "EC25", Revision: "EC25EFAR06A06M4G",
		Banner: []string{"RDY", "+CFUN: 1", "+CPIN: {PIN}", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"},
		Memories: []Memory{
			{Name: "ME", Capacity: 127, First: 0},
			{Name: "MT", First: 0},
			{Name: "SM", Capacity: 40, First: 0},
			{Name: "SR", Capacity: 20, First: 0},
		},
		Reports:     "SR",
		Offers:      [5]string{"(0-2)", "(0-3)", "(0,2,3)", "(0-2)", "(0,1)"},
		Full:        `+QIND: "smsfull","{MEM}"`,
		Temperature: "+QTEMP", Degrees: "+QTEMP: 31,27,27",
		Tries: "+QPINC",
	}
}
