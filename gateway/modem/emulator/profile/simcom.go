package profile

// SIMCom is a SIM800, as on most small boards. +SPIC is that of the "SIM800 Series AT Command Manual", 6.2.3; identity,
// memories, +CMTE and the banner were not held against it.
func SIMCom() Profile {
	return Profile{
		Name: "simcom", Maker: "SIMCOM_Ltd", Model: "SIMCOM_SIM800L", Revision: "Revision:1418B05SIM800L24",
		Banner: []string{"RDY", "+CFUN: 1", "+CPIN: {PIN}", "Call Ready", "SMS Ready"},
		Memories: []Memory{
			{Name: "SM", Capacity: 40, First: 1},
			{Name: "ME", Capacity: 50, First: 1},
			{Name: "SM_P", First: 1},
			{Name: "ME_P", First: 1},
			{Name: "MT", First: 1},
		},
		Offers:      [5]string{"(0,1,2,3)", "(0,1,2,3)", "(0,2)", "(0,1,2)", "(0,1)"},
		Temperature: "+CMTE?", Degrees: "+CMTE: 0,28.54",
		Tries: "+SPIC",
	}
}
