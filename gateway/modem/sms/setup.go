package sms

import (
	"context"
	"fmt"

	"waybill/gateway/modem/at"
)

// Indication is how the modem was asked to tell of new messages.
type Indication struct {
	Command string // The CNMI setting that it took, or empty: only sweeping finds messages then.
}

// Setup puts the modem into PDU mode and asks it to store messages and to indicate them (+CMTI), in values that it
// advertises. A modem that takes no such setting is used all the same: the sweep finds what it stores.
func Setup(ctx context.Context, modem Doer) (Indication, error) {
	if _, err := modem.Do(ctx, at.Set("+CMGF=0")); err != nil {
		return Indication{}, fmt.Errorf("set PDU mode: %w", err)
	}
	answer, err := modem.Do(ctx, at.Query("+CNMI=?", "+CNMI:"))
	if at.IsRefusal(err) {
		return Indication{}, nil
	}
	if err != nil {
		return Indication{}, err
	}
	setting := indication(answer[0].Field("+CNMI:"))
	if setting == "" {
		return Indication{}, nil
	}
	_, err = modem.Do(ctx, at.Set(setting))
	if at.IsRefusal(err) {
		return Indication{}, nil
	}
	return Indication{Command: setting}, err
}

// indication chooses from what CNMI=? offers: buffer while the line is busy and tell after (mode 2, else 1, else 3), store
// and indicate (mt 1, and never 2), no broadcasts, no reports on the line. Settings after the last offered are left out,
// because some modems refuse a command with more.
func indication(offered string) string {
	gs := groups(offered)
	if len(gs) < 2 || !offers(gs[1], 1) {
		return ""
	}
	mode := -1
	for _, m := range []int{2, 1, 3} {
		if offers(gs[0], m) {
			mode = m
			break
		}
	}
	if mode < 0 {
		return ""
	}
	setting := fmt.Sprintf("+CNMI=%d,1", mode)
	for _, g := range gs[2:min(len(gs), 4)] {
		if !offers(g, 0) {
			return setting
		}
		setting += ",0"
	}
	return setting
}
