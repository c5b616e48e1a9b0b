package sms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"waybill/gateway/modem/at"
)

// Doer runs one command on a modem; *at.Engine is one. Its errors are those of package at.
type Doer interface {
	Do(ctx context.Context, cmd at.Command) (at.Answer, error)
}

// Memory is a place where a modem stores messages: "SM" on the SIM, "ME" in the phone.
type Memory string

// The memories of 3GPP TS 27.005, 3.1.
const (
	SIM       Memory = "SM"
	Equipment Memory = "ME"
	Combined  Memory = "MT" // SM and ME as one, with numbers of its own.
	Reports   Memory = "SR" // Status reports.
	Broadcast Memory = "BM" // Cell broadcast.

	preferSIM       Memory = "SM_P" // SIMCom's names for SM and ME as one.
	preferEquipment Memory = "ME_P"
)

// Usage is how many messages a memory holds, and how many it can.
type Usage struct {
	Used  int
	Total int
}

// Slot is where a message is stored. The first index is 0 on some modems and 1 on others.
type Slot struct {
	Memory Memory
	Index  int
}

// String is "SM:3".
func (s Slot) String() string { return string(s.Memory) + ":" + strconv.Itoa(s.Index) }

// Stored is one message as it lies in a memory.
type Stored struct {
	Slot   Slot
	Status Status
	PDU    string // Hexadecimal, with the service centre's address before the TPDU.
}

// Status is what the modem notes about a stored message.
type Status int

// The statuses in PDU mode.
const (
	Unread Status = iota
	Read
	Unsent
	Sent
)

// Received tells whether the message came from the network, and was not written here to be sent. A status that the
// standard doesn't have is a modem's own way to mark one that came.
func (s Status) Received() bool { return s != Unsent && s != Sent }

// Store reads and deletes what a modem has stored. One goroutine may use it at a time, because modems remember one
// selected memory.
type Store struct {
	modem    Doer
	selected Memory // The memory that CPMS selected last; empty when unknown.
	bare     bool   // The modem takes no CPMS: it has one memory and needs no selecting.
}

// NewStore gives the store of a modem that Setup has been run on.
func NewStore(modem Doer) *Store { return &Store{modem: modem} }

// Memories lists where received messages can be: those that the modem can read from. Combined memory is left out where
// its parts are listed, since the same message would appear twice under different numbers. A modem that doesn't know
// the question is asked which memory it uses, and else taken to have the SIM alone. An error that satisfies at.IsRefusal
// means that the SIM is busy.
func (s *Store) Memories(ctx context.Context) ([]Memory, error) {
	answer, err := s.modem.Do(ctx, at.Query("+CPMS=?", "+CPMS:"))
	if err == nil {
		if ms := memories(answer[0].Field("+CPMS:")); len(ms) > 0 {
			return ms, nil
		}
	} else if !isRefusal(err) {
		return nil, err
	}
	answer, err = s.modem.Do(ctx, at.Query("+CPMS?", "+CPMS:"))
	switch {
	case isRefusal(err):
		s.bare = true
		return []Memory{SIM}, nil
	case err != nil:
		return nil, err
	}
	return []Memory{Memory(fields(answer[0].Field("+CPMS:"))[0])}, nil
}

func memories(offered string) []Memory {
	var ms []Memory
	for _, name := range groups(offered)[0] {
		m := Memory(name)
		if m != Reports && m != Broadcast && !slices.Contains(ms, m) {
			ms = append(ms, m)
		}
	}
	if slices.Contains(ms, SIM) || slices.Contains(ms, Equipment) {
		ms = slices.DeleteFunc(ms, func(m Memory) bool { return m == Combined || m == preferSIM || m == preferEquipment })
	}
	return ms
}

// Select makes the memory the one that is read and deleted in, and says how full it is.
func (s *Store) Select(ctx context.Context, m Memory) (Usage, error) {
	if s.bare {
		return Usage{}, nil
	}
	s.selected = ""
	cmd := at.Query(fmt.Sprintf("+CPMS=%q", string(m)), "+CPMS:")
	cmd.Timeout = 20 * time.Second
	answer, err := s.modem.Do(ctx, cmd)
	if err != nil {
		return Usage{}, err
	}
	s.selected = m
	f := fields(answer[0].Field("+CPMS:"))
	if len(f) < 2 {
		return Usage{}, nil
	}
	used, err1 := strconv.Atoi(f[0])
	total, err2 := strconv.Atoi(f[1])
	if err1 != nil || err2 != nil {
		return Usage{}, nil //nolint:nilerr // The figures are for show; the memory is selected.
	}
	return Usage{Used: used, Total: total}, nil
}

// List gives everything that is in the memory. Messages whose PDU did not come through whole are read again one by one;
// those that the modem does not give out then have no PDU.
func (s *Store) List(ctx context.Context, m Memory) ([]Stored, error) {
	if err := s.need(ctx, m); err != nil {
		return nil, err
	}
	cmd := at.List("+CMGL=4", "+CMGL:")
	cmd.PDU = true
	// A full phone memory of 500 takes three minutes at 9,600 baud; slow SIMs think for some seconds before they begin.
	cmd.Timeout, cmd.Silence = 5*time.Minute, 20*time.Second
	answer, err := s.modem.Do(ctx, cmd)
	if err != nil {
		return nil, err
	}
	all := make([]Stored, 0, len(answer))
	for _, line := range answer {
		f := fields(line.Field("+CMGL:"))
		index, err := strconv.Atoi(f[0])
		if err != nil || len(f) < 2 {
			continue // A mangled header: the next sweep sees the message again.
		}
		status, _ := strconv.Atoi(f[1])
		found := Stored{Slot: Slot{m, index}, Status: Status(status), PDU: line.PDU}
		if length, err := strconv.Atoi(f[len(f)-1]); err != nil || !complete(line.PDU, length) {
			again, err := s.Read(ctx, found.Slot)
			switch {
			case errors.Is(err, errTorn) && again.PDU == found.PDU: // Not torn twice at one place: this modem counts in its own way.
			case at.IsRefusal(err): // Deleted meanwhile, torn, or not to be had: the caller sees whether it stays.
				found.PDU = ""
			case err != nil:
				return nil, err
			default:
				found = again
			}
		}
		all = append(all, found)
	}
	return all, nil
}

// errTorn says that a PDU did not come through whole. Half of a message must not be taken for one that is broken, which
// would be its end.
var errTorn = fmt.Errorf("the PDU did not come through whole: %w", at.ErrRefused)

// Read gives one message. An empty slot is a refusal by the modem (+CMS ERROR: 321) or an answer without a PDU; these and
// a PDU that did not come through whole satisfy at.IsRefusal.
func (s *Store) Read(ctx context.Context, slot Slot) (Stored, error) {
	if err := s.need(ctx, slot.Memory); err != nil {
		return Stored{}, err
	}
	cmd := at.List("+CMGR="+strconv.Itoa(slot.Index), "+CMGR:")
	cmd.PDU = true
	cmd.Timeout = 20 * time.Second
	answer, err := s.modem.Do(ctx, cmd)
	if err != nil {
		return Stored{}, err
	}
	if len(answer) == 0 || answer[0].PDU == "" {
		return Stored{}, fmt.Errorf("slot %s is empty: %w", slot, at.ErrRefused)
	}
	f := fields(answer[0].Field("+CMGR:"))
	status, _ := strconv.Atoi(f[0])
	if length, err := strconv.Atoi(f[len(f)-1]); err != nil || !complete(answer[0].PDU, length) {
		return Stored{PDU: answer[0].PDU}, fmt.Errorf("slot %s: %w", slot, errTorn)
	}
	return Stored{Slot: slot, Status: Status(status), PDU: answer[0].PDU}, nil
}

// Delete empties a slot. Some modems say OK and do nothing, so only a later List shows whether it took.
func (s *Store) Delete(ctx context.Context, slot Slot) error {
	if err := s.need(ctx, slot.Memory); err != nil {
		return err
	}
	cmd := at.Set("+CMGD=" + strconv.Itoa(slot.Index))
	cmd.Timeout = 20 * time.Second
	_, err := s.modem.Do(ctx, cmd)
	return err
}

func (s *Store) need(ctx context.Context, m Memory) error {
	if s.bare || s.selected == m {
		return nil
	}
	_, err := s.Select(ctx, m)
	return err
}

// complete tells whether the PDU has the TPDU length (in octets) that the header announced.
func complete(pdu string, length int) bool {
	if len(pdu) < 2 {
		return false
	}
	centre, err := strconv.ParseUint(pdu[:2], 16, 8)
	return err == nil && len(pdu)/2 == 1+int(centre)+length
}
