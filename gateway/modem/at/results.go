package at

import (
	"strconv"
	"strings"
)

// finalResult tells whether the line ends a command, and with which error. A call's results end only a command that dials.
func finalResult(line string, dials bool) (err error, final bool) { //nolint:revive // The error is the answer here, not a failure.
	switch line {
	case "OK":
		return nil, true
	case "ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS":
		return ErrRefused, true
	case "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE":
		return &CallError{Result: line}, dials
	}
	if text, ok := strings.CutPrefix(line, "+CME ERROR:"); ok {
		text, code := errorCode(text)
		return &CMEError{Code: code, Text: text}, true
	}
	if text, ok := strings.CutPrefix(line, "+CMS ERROR:"); ok {
		text, code := errorCode(text)
		return &CMSError{Code: code, Text: text}, true
	}
	return nil, false
}

func errorCode(text string) (string, int) {
	text = strings.TrimSpace(text)
	code, err := strconv.Atoi(text)
	if err != nil || code < 0 {
		return text, -1
	}
	return text, code
}

// isHex tells whether the line can be a PDU.
func isHex(line string) bool {
	return len(line) > 0 && len(line)%2 == 0 && strings.Trim(line, "0123456789abcdefABCDEF") == ""
}
