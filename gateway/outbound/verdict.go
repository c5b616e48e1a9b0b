package outbound

import (
	"errors"
	"fmt"
	"time"

	"waybill/gateway/modem"
	"waybill/gateway/modem/at"
)

// verdict is what the error of a modem means.
type verdict struct {
	fate Fate
	// tired says that the modem has to rest.
	tired bool
	// blameless says that the text has nothing to do with it: it waits until its time is over, however often this happens.
	blameless bool
	code      string
	detail    string
}

// judge reads the error with which a part was handed over.
func judge(err error) verdict {
	var cms *at.CMSError
	var cme *at.CMEError
	switch {
	case err == nil:
		return verdict{fate: Taken}
	case errors.Is(err, modem.ErrNotReady): // It is being set up, which takes seconds.
		return verdict{fate: Kept}
	case errors.As(err, &cms):
		return refusal(fmt.Sprintf("cms-%d", cms.Code), messageFault(cms.Code), cms.Text)
	case errors.As(err, &cme):
		// Equipment, SIM or network: never the text.
		return verdict{fate: Deferred, tired: true, blameless: true, code: fmt.Sprintf("cme-%d", cme.Code), detail: "the modem refused it: " + cme.Text}
	case at.IsRefusal(err):
		return verdict{fate: Deferred, tired: true, code: "refused", detail: "the modem refused it and gave no reason"}
	case at.IsUnsent(err): // It never asked for the text.
		return verdict{fate: Kept, tired: true}
	}
	return verdict{
		fate: Lost, tired: true, code: "lost",
		detail: "the modem was lost while it had the text: it may have been sent; ask the receiver, and send it anew if it was not",
	}
}

// fault is what a code of +CMS ERROR means.
type fault struct {
	final     bool
	blameless bool
	words     string
}

func refusal(code string, f fault, text string) verdict {
	if f.words == "" {
		f.words = "the network or the modem refused it with the error " + text
	}
	if f.final {
		return verdict{fate: Rejected, code: code, detail: f.words}
	}
	return verdict{fate: Deferred, tired: true, blameless: f.blameless, code: code, detail: f.words}
}

// messageFault reads a code of +CMS ERROR (3GPP TS 27.005, 3.2.5; below 128 those of 3GPP TS 24.011, E.2).
func messageFault(code int) fault {
	final := func(words string) fault { return fault{final: true, words: words} }
	passing := func(words string) fault { return fault{words: words} }
	outage := func(words string) fault { return fault{blameless: true, words: words} }
	switch code {
	case 1:
		return final("the number is not assigned to anybody: check it")
	case 8:
		return final("the operator bars it: check the contract of the modem's SIM")
	case 10:
		return final("the receiver or the operator bars messages from this SIM: check the contract of the modem's SIM")
	case 21:
		return final("the network rejected it: check the number, and that the modem's SIM has credit")
	case 28:
		return final("the network doesn't know the receiver: check the number")
	case 29:
		return final("the network can't do what was asked for: check the service centre's number of the modem's SIM")
	case 30:
		return final("the home network doesn't know the modem's SIM: check its contract")
	case 50, 69:
		return final("the modem's SIM may not send texts: check its contract")
	case 81, 95, 96, 97, 98, 99, 111, 127, 304, 305:
		return final("the network or the modem can't read the message: check the number")
	case 17, 38:
		return outage("the network is out of order")
	case 22, 42:
		return outage("the network is congested")
	case 27:
		return passing("the receiver's network is out of order")
	case 41:
		return passing("the network has a temporary failure")
	case 47:
		return outage("the network has no resources now")
	case 310, 311, 312, 313, 314, 315, 316, 317, 318:
		return outage("the modem's SIM is not ready")
	case 330:
		return outage("the modem's SIM doesn't know its service centre: set it with a phone")
	case 331:
		return outage("the modem has no network")
	case 332:
		return passing("the network did not answer the modem in time")
	case 500:
		return passing("the modem gave an unknown error, as it does when it is asked to send too fast")
	}
	return fault{}
}

// mostFailures is how often one text may be refused, for what may be its own fault, before it is given up.
const mostFailures = 8

// outcome is what follows from a verdict for the text.
func (v verdict) outcome(text Text, now time.Time, retry time.Duration) Outcome {
	o := Outcome{Fate: v.fate, Time: now, Code: v.code, Detail: v.detail, NextTime: now, Blameless: v.blameless}
	if v.fate != Deferred {
		return o
	}
	switch {
	case text.Once:
		o.Fate = Rejected
		o.Detail += "; it is not sent again by itself: give the command anew if it is still wanted"
	case !v.blameless && text.Failures+1 >= mostFailures:
		o.Fate = Rejected
		o.Detail += fmt.Sprintf("; it was given up after %d tries", text.Failures+1)
	default:
		o.NextTime = now.Add(retry << min(text.Failures, 6))
	}
	return o
}
