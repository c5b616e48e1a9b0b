package sms

import (
	"context"
	"fmt"
	"slices"

	"waybill/gateway/modem/at"
)

// Indication is how the modem was asked to tell of new messages.
type Indication struct {
	Command string // The CNMI setting that it took, or empty: only sweeping finds messages then.
	// Reports says that the modem stores delivery reports, in the memory of that name. Otherwise it shows them on the line
	// (+CDS), or has none.
	Reports bool
}

// Setup puts the modem into PDU mode and asks it to store messages and to indicate them (+CMTI), in values that it
// advertises. Delivery reports are to be stored as well where there is a memory for them, else shown on the line. A modem
// that takes no such setting is used all the same: the sweep finds what it stores.
func Setup(ctx context.Context, modem Doer) (Indication, error) {
	if _, err := modem.Do(ctx, at.Set("+CMGF=0")); err != nil {
		return Indication{}, fmt.Errorf("set PDU mode: %w", err)
	}
	answer, err := modem.Do(ctx, at.Query("+CNMI=?", "+CNMI:"))
	if isRefusal(err) {
		return Indication{}, nil
	}
	if err != nil {
		return Indication{}, err
	}
	offered := answer[0].Field("+CNMI:")
	stored, err := storesReports(ctx, modem, offered)
	if err != nil {
		return Indication{}, err
	}
	wish := indication(offered, stored)
	if wish == "" {
		return Indication{}, nil
	}
	_, err = modem.Do(ctx, at.Set(wish))
	if isRefusal(err) {
		return Indication{}, nil
	}
	return Indication{Command: wish, Reports: stored}, err
}

// storesReports tells whether the modem offers to store reports and has a memory from which they can be read.
func storesReports(ctx context.Context, modem Doer, offered string) (bool, error) {
	if gs := groups(offered); len(gs) < 4 || !offers(gs[3], 2) {
		return false, nil
	}
	answer, err := modem.Do(ctx, at.Query("+CPMS=?", "+CPMS:"))
	if isRefusal(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return slices.Contains(groups(answer[0].Field("+CPMS:"))[0], string(Reports)), nil
}

// indication chooses from what CNMI=? offers: buffer while the line is busy and tell after (mode 2, else 1, else 3), store
// and indicate (mt 1, and never 2), no broadcasts, and of delivery reports to store them (ds 2) where there is a memory for
// them, else to show them (ds 1), else to store them wherever it does. Settings after the last offered are left out, because some modems refuse a command with more.
func indication(offered string, storeReports bool) string {
	gs := groups(offered)
	if len(gs) < 2 || !offers(gs[1], 1) {
		return ""
	}
	mode := first(gs[0], 2, 1, 3)
	if mode < 0 {
		return ""
	}
	setting := fmt.Sprintf("+CNMI=%d,1", mode)
	if len(gs) < 3 || !offers(gs[2], 0) {
		return setting
	}
	setting += ",0"
	if len(gs) < 4 {
		return setting
	}
	reports := first(gs[3], 1, 2, 0) // Stored in no memory for reports, they lie among the texts.
	if storeReports {
		reports = first(gs[3], 2)
	}
	if reports < 0 {
		return setting
	}
	return fmt.Sprintf("%s,%d", setting, reports)
}

// first gives the first of the values that the group offers, or -1.
func first(group []string, values ...int) int {
	for _, v := range values {
		if offers(group, v) {
			return v
		}
	}
	return -1
}
