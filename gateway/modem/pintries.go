package modem

import (
	"context"
	"strconv"
	"strings"

	"waybill/gateway/modem/at"
)

// unknownTries stands for a SIM that doesn't say how many tries its PIN has left.
const unknownTries = -1

// triesLeft asks how many wrong PINs the SIM still bears, in the ways that modems have for it.
func (s *session) triesLeft(ctx context.Context) (int, error) {
	for _, way := range []struct {
		cmd  at.Command
		mark string
		read func(fields []string) int
	}{
		{at.Query("+CPINR", "+CPINR:"), "+CPINR:", pinOf("SIM PIN")}, // 3GPP TS 27.007, 8.65: +CPINR: SIM PIN,3,3
		{at.Query(`+QPINC="SC"`, "+QPINC:"), "+QPINC:", pinOf("SC")}, // Quectel: +QPINC: "SC",3,10
		{at.Query("+SPIC", "+SPIC:"), "+SPIC:", nth(0)},              // SIMCom: +SPIC: 3,10,0,10
		{at.Query("^CPIN?", "^CPIN:"), "^CPIN:", nth(3)},             // Huawei: ^CPIN: SIM PIN,3,10,3,10,3
		{at.Query("^SPIC", "^SPIC:"), "^SPIC:", onlyOne},             // Cinterion, of what the SIM asks for: ^SPIC: 3
	} {
		answer, err := s.optional(ctx, way.cmd)
		if err != nil {
			return unknownTries, err
		}
		for _, line := range answer {
			fields := strings.Split(strings.ReplaceAll(line.Field(way.mark), `"`, ""), ",")
			if n := way.read(fields); n >= 0 {
				return n, nil
			}
		}
	}
	return unknownTries, nil
}

// pinOf reads a line that names what it speaks of.
func pinOf(name string) func([]string) int {
	return func(fields []string) int {
		if strings.TrimSpace(fields[0]) != name {
			return unknownTries
		}
		return nth(1)(fields)
	}
}

// nth reads the field of that index.
func nth(i int) func([]string) int {
	return func(fields []string) int {
		if i >= len(fields) {
			return unknownTries
		}
		n, err := strconv.Atoi(strings.TrimSpace(fields[i]))
		if err != nil || n < 0 {
			return unknownTries
		}
		return n
	}
}

func onlyOne(fields []string) int {
	if len(fields) != 1 {
		return unknownTries
	}
	return nth(0)(fields)
}
