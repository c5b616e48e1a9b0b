package emulator

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/emulator/fault"
)

// maxUnjoined bounds the messages whose parts have not all been sent.
const maxUnjoined = 256

// expired is the TP-Status of a message that its validity period ended (3GPP TS 23.040, 9.2.3.15). From failed on, a
// status says that it never arrived.
const (
	expired = 0x46
	failed  = 0x20
)

// send hands a TPDU to the network, with mu held, and gives its reference, or the code of the error.
func (e *Emulator) send(raw []byte) (sent *Submission, ref, code int) {
	if t, now := e.happens(fault.SendError); now {
		return nil, 0, t.Code
	}
	switch {
	case e.faults.SendError != 0:
		return nil, 0, e.faults.SendError
	case e.status() != registered:
		return nil, 0, noNetwork
	}
	out, err := readSubmit(raw)
	if err != nil {
		return nil, 0, invalidPDU
	}
	sim := e.sim
	ref = sim.nextRef
	sim.nextRef = (ref + 1) % 256
	s := Submission{
		From: sim.cfg.Number, IMSI: sim.cfg.IMSI, To: out.to, Text: out.text, PDU: "00" + strings.ToUpper(hex.EncodeToString(raw)),
		Reference: ref, Report: out.report, Validity: out.validity, Time: time.Now().UTC(),
	}
	e.deliverTo(sim, out, s)
	return &s, ref, 0
}

// deliverTo has the network deliver a part, after its time.
func (e *Emulator) deliverTo(sim *SIM, out outgoing, s Submission) {
	var fate Fate
	if e.cfg.Fate != nil {
		fate = e.cfg.Fate(s)
	}
	if t, now := e.happens(fault.Undeliverable); now {
		fate.Status = t.Code
	}
	if _, now := e.happens(fault.LostReport); now {
		fate.Lost = true
	}
	if s.Validity > 0 && fate.Delay > s.Validity {
		fate.Delay, fate.Status = s.Validity, expired
	}
	arrived := fate.Status < failed
	e.agenda.after(fate.Delay, func() {
		if s.Report && !fate.Lost {
			sim.report(out, s, fate.Status)
		}
		if arrived {
			e.hand(sim, out)
		}
	})
}

// report sends the SIM the report of a delivery.
func (s *SIM) report(out outgoing, sent Submission, status int) {
	s.mu.Lock()
	m, err := s.stored(statusReport(out, sent, status), unread)
	if err == nil {
		err = s.queue(delivery{report: true, entry: m})
	}
	s.mu.Unlock()
	if err == nil {
		s.arrive()
	}
}

// statusReport is an SMS-STATUS-REPORT (3GPP TS 23.040, 9.2.2.3).
func statusReport(out outgoing, sent Submission, status int) []byte {
	const statusReportType = 0x06                                                 // And no more messages to send.
	raw := append([]byte{statusReportType, byte(sent.Reference)}, out.address...) //nolint:gosec // Counted modulo 256.
	for _, t := range []time.Time{sent.Time, time.Now().UTC()} {
		stamp := tpdu.Timestamp{Time: t}
		if octets, err := stamp.MarshalBinary(); err == nil {
			raw = append(raw, octets...)
		}
	}
	return append(raw, byte(status)) //nolint:gosec // Checked to be below 256.
}

// hand gives the receiver what has arrived, when all parts of it have, and sends its answer.
func (e *Emulator) hand(sim *SIM, out outgoing) {
	text, whole := e.join(sim, out)
	if !whole {
		return
	}
	for _, u := range e.cfg.Units {
		if !sameNumber(u.Number, out.to) || u.Answer == nil {
			continue
		}
		reply := u.Answer(text)
		if reply == "" {
			continue
		}
		e.agenda.after(u.Delay, func() {
			if err := sim.Inject(u.Number, reply, time.Now()); err != nil {
				e.cfg.Logger.Warn("the answer of an emulated unit is lost", "unit", u.Number, "error", err)
			}
		})
	}
}

// join gives the text once all parts of it have been sent.
func (e *Emulator) join(sim *SIM, out outgoing) (string, bool) {
	if out.joint.total == 0 {
		return out.text, true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	parts := sim.unjoined[out.joint]
	if parts == nil {
		if len(sim.unjoined) >= maxUnjoined {
			clear(sim.unjoined)
		}
		parts = map[int]*tpdu.TPDU{}
		sim.unjoined[out.joint] = parts
	}
	parts[out.number] = out.tpdu
	if len(parts) < out.joint.total {
		return "", false
	}
	delete(sim.unjoined, out.joint)
	all := make([]*tpdu.TPDU, out.joint.total)
	for i := range all {
		all[i] = parts[i+1]
	}
	text, err := sms.Decode(all) // Together: a character may be cut between two parts.
	return string(text), err == nil
}
