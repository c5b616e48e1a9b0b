package modem

import (
	"context"
	"math"
	"strconv"
	"strings"

	"waybill/gateway/modem/at"
)

// thermometer is a vendor's way to tell the modem's temperature.
type thermometer struct {
	offer string // The test command, which a modem that has it answers with OK.
	ask   string
	mark  string
	read  func(fields []string) float64 // Degrees Celsius, of the fields of one line; NaN for none.
}

func thermometers() []thermometer {
	return []thermometer{
		{"+CMTE=?", "+CMTE?", "+CMTE:", func(f []string) float64 { return number(f[len(f)-1]) }},             // SIMCom
		{"+CPMUTEMP=?", "+CPMUTEMP", "+CPMUTEMP:", func(f []string) float64 { return number(f[len(f)-1]) }},  // SIMCom, LTE
		{"+QTEMP=?", "+QTEMP", "+QTEMP:", hottest},                                                           // Quectel
		{"^CHIPTEMP=?", "^CHIPTEMP?", "^CHIPTEMP:", func(f []string) float64 { return hottest(f) / 10 }},     // Huawei, in tenths
		{"^SCTM=?", "^SCTM?", "^SCTM:", func(f []string) float64 { return number(strings.Join(f[2:], "")) }}, // Cinterion: mode, class, degrees
	}
}

// measure reads the temperature where the modem offers one.
func (s *session) measure(ctx context.Context) (float64, error) {
	for _, t := range thermometers() {
		if !s.modem.refusal.has(t.ask) {
			if _, err := s.optional(ctx, at.List(t.offer, t.mark)); err != nil {
				return math.NaN(), err
			}
		}
		if s.modem.refusal.has(t.offer) || s.modem.refusal.has(t.ask) {
			continue
		}
		answer, err := s.optional(ctx, at.Query(t.ask, t.mark))
		if err != nil {
			return math.NaN(), err
		}
		highest := math.NaN()
		for _, line := range answer {
			fields := strings.Split(strings.ReplaceAll(line.Field(t.mark), `"`, ""), ",")
			if len(fields) < 3 && t.mark == "^SCTM:" {
				continue
			}
			if degrees := t.read(fields); !(degrees <= highest) && degrees > -60 && degrees < 160 {
				highest = degrees
			}
		}
		return highest, nil
	}
	return math.NaN(), nil
}

// hottest gives the highest of several sensors.
func hottest(fields []string) float64 {
	highest := math.NaN()
	for _, f := range fields {
		if n := number(f); !math.IsNaN(n) && n != 65535 && !(n <= highest) { // 65535: no sensor.
			highest = n
		}
	}
	return highest
}

func number(field string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
	if err != nil {
		return math.NaN()
	}
	return n
}
