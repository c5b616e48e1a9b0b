package at

import "strings"

// Unsolicited is what the modem said unasked.
type Unsolicited struct {
	Text string
	PDU  string // The second line of +CMT, +CDS and +CBM.
}

// Codes are the beginnings of unsolicited lines. A line that answers the command in progress is its answer even when it
// is listed here, because +CREG and +CPIN are both.
type Codes []string

// DefaultCodes are those of the standards, and those of SIMCom, Quectel, Huawei, Siemens and Wavecom modems.
func DefaultCodes() Codes {
	return Codes{
		"+CMTI:", "+CMT:", "+CDSI:", "+CDS:", "+CBMI:", "+CBM:", // Messages.
		"+CREG:", "+CGREG:", "+CEREG:", "+CGEV:", "+CTZV:", "+CTZE:", "+CIEV:", "*PSUTTZ:", "DST:", // Network.
		"RING", "+CRING:", "+CLIP:", "+CCWA:", "+COLP:", "NO CARRIER", "BUSY", "NO ANSWER", "+CUSD:", "+CSSI:", "+CSSU:", // Calls.
		"+CPIN:", "+CFUN:", "+CGURC:", "+QIND:", "+QIURC:", "*EMRDY:", "+QUSIM:", "+WIND:", "+WMGF", "+SIM", // Life.
		"RDY", "Call Ready", "SMS Ready", "NORMAL POWER DOWN", "UNDER-VOLTAGE", "OVER-VOLTAGE", "MODEM:STARTUP", "+PBREADY", "PB DONE",
		"^", // Huawei and Siemens: ^RSSI, ^BOOT, ^SMMEMFULL, ^SYSSTART, ^SIMST.
	}
}

func (cs Codes) match(line string) bool {
	for _, c := range cs {
		if strings.HasPrefix(line, c) {
			return true
		}
	}
	return false
}

// carriesPDU tells whether the code's second line is a PDU.
func carriesPDU(line string) bool {
	return strings.HasPrefix(line, "+CMT:") || strings.HasPrefix(line, "+CDS:") || strings.HasPrefix(line, "+CBM:")
}
