package modem

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

// identify reads who the modem is. All but the IMEI is for show.
func (s *session) identify(ctx context.Context) error {
	var id [4]string
	for i, cmd := range []at.Command{
		at.Free("+CGMI"), at.Free("+CGMM"), at.Free("+CGMR"), {Text: "+CGSN", Match: at.Digits(14, 17), Least: 1},
	} {
		var err error
		if id[i], err = s.ask(ctx, cmd); err != nil {
			return err
		}
	}
	s.imei = id[3]
	s.modem.refusal.of(strings.Join(id[:], "\x00"))
	s.modem.update(func(st *Status) { st.Maker, st.Model, st.Revision, st.IMEI = id[0], id[1], id[2], id[3] })
	return s.identifyCard(ctx)
}

// identifyCard reads the number of the SIM card, which most modems give before its PIN.
func (s *session) identifyCard(ctx context.Context) error {
	printed := regexp.MustCompile(`\b[0-9]{18,20}[Ff]?\b`)
	match := func(line string) bool { return printed.MatchString(line) }
	s.iccid = ""
	for _, text := range []string{"+CCID", "+ICCID", "^ICCID?", "+QCCID"} {
		answer, err := s.optional(ctx, at.Command{Text: text, Match: match, Least: 1})
		if err != nil {
			return err
		}
		if number := printed.FindString(answer.First()); number != "" {
			s.iccid = strings.TrimRight(number, "Ff")
			break
		}
	}
	s.modem.update(func(st *Status) { st.ICCID = s.iccid })
	return nil
}

// identifySIM reads what the unlocked SIM says: its subscriber and, for show, its number.
func (s *session) identifySIM(ctx context.Context) error {
	answer, err := s.engine.Do(ctx, at.Command{Text: "+CIMI", Match: at.Digits(6, 15), Least: 1})
	if err != nil && (sms.IsBusy(err) || !at.IsRefusal(err) && !errors.Is(err, at.ErrIncomplete)) {
		return err
	}
	s.imsi = answer.First()
	if s.iccid == "" {
		if err := s.identifyCard(ctx); err != nil {
			return err
		}
	}
	numbers, err := s.optional(ctx, at.List("+CNUM", "+CNUM:"))
	if err != nil {
		return err
	}
	number := ""
	if quoted := strings.Split(numbers.First(), `"`); len(quoted) >= 4 { // +CNUM: "name","number",145
		number = clean(quoted[3])
	}
	s.modem.update(func(st *Status) { st.IMSI, st.Number = s.imsi, number })
	return nil
}

// ask gives the first line of an answer, or nothing when the modem won't say. Bytes that are no text are replaced: what it
// says is shown, and kept.
func (s *session) ask(ctx context.Context, cmd at.Command) (string, error) {
	answer, err := s.engine.Do(ctx, cmd)
	if at.IsRefusal(err) || errors.Is(err, at.ErrIncomplete) {
		return "", nil
	}
	return clean(answer.First()), err
}

func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// optional asks for something that not every modem has. What it doesn't have it isn't asked again.
func (s *session) optional(ctx context.Context, cmd at.Command) (at.Answer, error) {
	if s.modem.refusal.has(cmd.Text) {
		return nil, nil
	}
	answer, err := s.engine.Do(ctx, cmd)
	switch {
	case err == nil:
		return answer, nil
	case !at.IsRefusal(err) && !errors.Is(err, at.ErrIncomplete):
		return nil, err
	case !forNow(err):
		s.modem.refusal.add(cmd.Text)
	}
	return nil, nil
}

// forNow tells whether a refusal is for the SIM's state, and may be another one later.
func forNow(err error) bool {
	var cme *at.CMEError
	if !errors.As(err, &cme) {
		return false
	}
	return cmeNoSIM <= cme.Code && cme.Code <= cmeSIMBusy
}

// refusals are the commands that the present device doesn't know. It is owned by Run's goroutine.
type refusals struct {
	device   string
	commands map[string]bool
}

// of makes them those of the device: another one in the same place is asked anew.
func (r *refusals) of(device string) {
	if r.device != device || r.commands == nil {
		*r = refusals{device: device, commands: make(map[string]bool)}
	}
}

func (r *refusals) has(command string) bool { return r.commands[command] }
func (r *refusals) add(command string)      { r.commands[command] = true }
