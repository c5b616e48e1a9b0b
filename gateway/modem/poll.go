package modem

import (
	"context"
	"strconv"
	"strings"

	"waybill/gateway/modem/at"
)

// poll reads signal, registration, operator, temperature and how full the memories are. A modem that won't say one of them is still in order.
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
	degrees, err := s.measure(ctx)
	if err != nil {
		return err
	}
	s.modem.update(func(st *Status) {
		st.Signal, st.Registration, st.Operator, st.Temperature = signalDBm(signal), registration(registered), operatorName(operator), degrees
	})
	if err := s.fill(ctx); err != nil {
		return err
	}
	status := s.modem.Status()
	s.cfg.Metrics.show(&status)
	return nil
}

// fill asks how full the memories are, without selecting another.
func (s *session) fill(ctx context.Context) error {
	answer, err := s.optional(ctx, at.Query("+CPMS?", "+CPMS:"))
	if err != nil || len(answer) == 0 {
		return err
	}
	fields := strings.Split(strings.ReplaceAll(answer[0].Field("+CPMS:"), `"`, ""), ",")
	s.modem.update(func(st *Status) {
		for i := 0; i+2 < len(fields); i += 3 {
			used, err1 := strconv.Atoi(strings.TrimSpace(fields[i+1]))
			total, err2 := strconv.Atoi(strings.TrimSpace(fields[i+2]))
			for j := range st.Memories {
				if m := &st.Memories[j]; string(m.Memory) == strings.TrimSpace(fields[i]) && err1 == nil && err2 == nil {
					m.Used, m.Total = used, total
					s.cfg.Metrics.used.WithLabelValues(s.cfg.Name, string(m.Memory)).Set(float64(used))
				}
			}
		}
	})
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
