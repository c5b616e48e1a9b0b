package sms

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/charset"
)

// sendTimeout is how long the network may take to accept a message (modems' manuals say up to a minute or two).
const sendTimeout = 2 * time.Minute

// Sender writes messages to a modem. One goroutine may use it at a time.
type Sender struct {
	modem   Doer
	encoder *sms.Encoder // Counts references, so that parts of two long messages don't mix at the receiver.
}

// NewSender gives a sender over a modem that Setup has been run on.
func NewSender(modem Doer) *Sender {
	charset.Prepare()
	return &Sender{modem: modem, encoder: sms.NewEncoder(sms.AsSubmit)}
}

// Submit splits the text as needed and sends its parts in order. It returns the message references of the parts that the
// network took. A refusal by the modem means that this part was not sent; after any other error its fate is unknown.
func (s *Sender) Submit(ctx context.Context, to, text string) ([]int, error) {
	if strings.Trim(to, "+0123456789*#") != "" || to == "" {
		return nil, fmt.Errorf("%q is no phone number: give digits, with + and the country code first", to)
	}
	address := sms.To(to)
	if !strings.HasPrefix(to, "+") {
		local := tpdu.NewAddress()
		local.SetNumberingPlan(tpdu.NpISDN)
		local.Addr = to
		address = sms.WithTemplateOption(tpdu.WithDA(local))
	}
	parts, err := s.encoder.Encode([]byte(text), address)
	if err != nil {
		return nil, fmt.Errorf("encode the text: %w", err)
	}
	refs := make([]int, 0, len(parts))
	for _, p := range parts {
		raw, err := p.MarshalBinary()
		if err != nil {
			return refs, fmt.Errorf("encode the text: %w", err)
		}
		cmd := at.Query("+CMGS="+strconv.Itoa(len(raw)), "+CMGS:")
		cmd.Payload = "00" + strings.ToUpper(hex.EncodeToString(raw)) // 00: the service centre that the SIM knows.
		cmd.Timeout = sendTimeout
		answer, err := s.modem.Do(ctx, cmd)
		if err != nil {
			return refs, err
		}
		ref, _ := strconv.Atoi(fields(answer[0].Field("+CMGS:"))[0])
		refs = append(refs, ref)
	}
	return refs, nil
}
