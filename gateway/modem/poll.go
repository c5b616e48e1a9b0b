package modem

import (
	"context"
	"strconv"
	"strings"

	"waybill/gateway/modem/at"
)

// poll reads signal, registration and operator. A modem that won't say one of them is still in order.
func (s *session) poll(ctx context.Context) error {
	signal, err := s.ask(ctx, at.Query("+CSQ", "+CSQ:"))
	if err != nil {
		return err
	}
	// Its indication looks the same but for the number of fields: the answer's second field is a bare digit.
	registered, err := s.ask(ctx, at.Command{Text: "+CREG?", Match: isRegistration, Least: 1})
	if err != nil {
		return err
	}
	operator, err := s.ask(ctx, at.Query("+COPS?", "+COPS:"))
	if err != nil {
		return err
	}
	dbm := signalDBm(signal)
	s.modem.update(func(st *Status) {
		st.Signal, st.Registration, st.Operator = dbm, registration(registered), operatorName(operator)
	})
	gauge := s.cfg.Metrics.signal
	if dbm == 0 {
		gauge.DeleteLabelValues(s.cfg.Name)
	} else {
		gauge.WithLabelValues(s.cfg.Name).Set(float64(dbm))
	}
	return nil
}

// signalDBm reads "+CSQ: 20,99" (3GPP TS 27.007, 8.5): 0 is -113 dBm, each step 2 dB, 99 unknown, given as 0.
func signalDBm(line string) int {
	first, _, _ := strings.Cut(at.Line{Text: line}.Field("+CSQ:"), ",")
	n, err := strconv.Atoi(first)
	if err != nil || n < 0 || n > 31 {
		return 0
	}
	return -113 + 2*n
}

func isRegistration(line string) bool {
	fields, ok := strings.CutPrefix(line, "+CREG:")
	parts := strings.Split(fields, ",")
	if !ok || len(parts) < 2 {
		return false
	}
	_, err := strconv.Atoi(strings.TrimSpace(parts[1]))
	return err == nil
}

func registration(line string) Registration {
	parts := strings.Split(line, ",")
	if len(parts) < 2 {
		return UnknownRegistration
	}
	switch strings.TrimSpace(parts[1]) {
	case "0":
		return NotRegistered
	case "1", "6":
		return Home
	case "2":
		return Searching
	case "3":
		return Denied
	case "5", "7":
		return Roaming
	}
	return UnknownRegistration
}

// operatorName reads `+COPS: 0,0,"Name"`.
func operatorName(line string) string {
	_, rest, _ := strings.Cut(line, `"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}
