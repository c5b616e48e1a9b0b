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
	ask  string
	mark string
	read func(fields []string) float64 // Degrees Celsius, of the fields of one line; NaN for none.
}

func thermometers() []thermometer {
	return []thermometer{
		{"+CMTE?", "+CMTE:", last},           // SIMCom: mode, degrees
		{"+CPMUTEMP", "+CPMUTEMP:", last},    // SIMCom, LTE
		{"+QTEMP", "+QTEMP:", hottest},       // Quectel: sensors, or a sensor a line
		{"^CHIPTEMP?", "^CHIPTEMP:", tenths}, // Huawei: sensors
		{"^SCTM?", "^SCTM:", third},          // Cinterion: mode, class, and degrees if they are switched on
	}
}

// measure reads the temperature where the modem offers one.
func (s *session) measure(ctx context.Context) (float64, error) {
	for _, t := range thermometers() {
		if s.modem.refusal.has(t.ask) {
			continue
		}
		answer, err := s.optional(ctx, at.Query(t.ask, t.mark))
		if err != nil {
			return math.NaN(), err
		}
		if len(answer) == 0 {
			continue
		}
		highest := math.NaN()
		for _, line := range answer {
			fields := strings.Split(strings.ReplaceAll(line.Field(t.mark), `"`, ""), ",")
			if degrees := t.read(fields); !(degrees <= highest) && degrees > -60 && degrees < 160 {
				highest = degrees
			}
		}
		return highest, nil
	}
	return math.NaN(), nil
}

func last(fields []string) float64 { return number(fields[len(fields)-1]) }

func tenths(fields []string) float64 { return hottest(fields) / 10 }

func third(fields []string) float64 {
	if len(fields) < 3 {
		return math.NaN()
	}
	return number(fields[2])
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
