package emulator

import "strconv"

// Codes of +CME ERROR (3GPP TS 27.007, 9.2).
const (
	notAllowed        = 3
	simNotInserted    = 10
	simPINRequired    = 11
	simPUKRequired    = 12
	simFailure        = 13
	simIsBusy         = 14
	incorrectPassword = 16
)

// Codes of +CMS ERROR (3GPP TS 27.005, 3.2.5, and 24.011).
const (
	notSupported   = 303
	invalidMemory  = 302
	invalidPDU     = 304
	invalidText    = 305
	noSIMForText   = 310
	pinForText     = 311
	failureForText = 313
	simBusy        = 314
	pukForText     = 316
	invalidIndex   = 321
	memoryFull     = 322
	noNetwork      = 331
	nothingToAck   = 340
)

// words are what CMEE=2 says instead of a code.
func words(cms bool, code int) string {
	if cms {
		switch code {
		case 38:
			return "Network out of order"
		case 42:
			return "Congestion"
		case invalidMemory:
			return "Operation not allowed"
		case notSupported:
			return "Operation not supported"
		case invalidPDU:
			return "Invalid PDU mode parameter"
		case invalidText:
			return "Invalid text mode parameter"
		case noSIMForText:
			return "SIM not inserted"
		case pinForText:
			return "SIM PIN required"
		case failureForText:
			return "SIM failure"
		case simBusy:
			return "SIM busy"
		case pukForText:
			return "SIM PUK required"
		case invalidIndex:
			return "Invalid memory index"
		case memoryFull:
			return "Memory full"
		case noNetwork:
			return "No network service"
		case nothingToAck:
			return "No +CNMA acknowledgement expected"
		case 500:
			return "Unknown error"
		}
		return strconv.Itoa(code)
	}
	switch code {
	case notAllowed:
		return "operation not allowed"
	case simNotInserted:
		return "SIM not inserted"
	case simPINRequired:
		return "SIM PIN required"
	case simPUKRequired:
		return "SIM PUK required"
	case simFailure:
		return "SIM failure"
	case simIsBusy:
		return "SIM busy"
	case incorrectPassword:
		return "incorrect password"
	}
	return strconv.Itoa(code)
}

// refused is ERROR without a reason.
func (e *Emulator) refused() answer { return answer{failure: "ERROR"} }

// equipmentError is +CME ERROR, or ERROR where CMEE is off.
func (e *Emulator) equipmentError(code int) answer {
	switch e.state.verbose {
	case 0:
		return e.refused()
	case 2:
		return answer{failure: "+CME ERROR: " + words(false, code)}
	}
	return answer{failure: "+CME ERROR: " + strconv.Itoa(code)}
}

// messageError is +CMS ERROR, which no setting turns off.
func (e *Emulator) messageError(code int) answer {
	if e.state.verbose == 2 {
		return answer{failure: "+CMS ERROR: " + words(true, code)}
	}
	return answer{failure: "+CMS ERROR: " + strconv.Itoa(code)}
}
