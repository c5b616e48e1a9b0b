package sms

import (
	"errors"

	"waybill/gateway/modem/at"
)

// Codes that say "not now" (3GPP TS 27.005, 3.2.5; 27.007, 9.2).
const (
	cmsNoSIM, cmsSIMBusy = 310, 314
	cmsWaitInit          = 515 // "Please wait, init or command processing in progress": SIMCom, Quectel.
	cmeNoSIM, cmeSIMBusy = 10, 14
)

// IsBusy tells whether an error says that SIM or message service are not ready: what was asked may be done in a moment,
// and the modem must not be taken for one that can't.
func IsBusy(err error) bool {
	var cme *at.CMEError
	if errors.As(err, &cme) {
		return cme.Code == cmeNoSIM || cme.Code == cmeSIMBusy
	}
	var cms *at.CMSError
	if errors.As(err, &cms) {
		switch cms.Code {
		case cmsNoSIM, cmsSIMBusy, cmsWaitInit:
			return true
		}
	}
	return false
}

// isRefusal tells whether the modem said no for good.
func isRefusal(err error) bool { return at.IsRefusal(err) && !IsBusy(err) }
