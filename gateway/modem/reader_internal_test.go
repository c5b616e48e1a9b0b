package modem

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
	"waybill/tracking"
)

// pdu is a text from one of some senders.
func pdu(n int) string {
	return fmt.Sprintf("00040B91683108108%d00F%d00086290%02d%02d00000004%08X", n%4, n%7, n/24%28+1, n%24, n)
}

// moody is a SIM whose modem answers as it likes, with messages that keep coming into whatever place is free. It knows
// what is committed, and fails the test when anything else is deleted.
type moody struct {
	t        *rapid.T
	random   *rand.Rand
	moods    int // Of a hundred commands, how many go wrong.
	mu       sync.Mutex
	memories map[sms.Memory][]string
	selected sms.Memory
	coming   []string
	done     map[string]int
	wrong    []string
	hint     chan<- struct{}
	empty    chan struct{} // Closed when all have come and gone.
	closed   bool
}

func (m *moody) Do(_ context.Context, cmd at.Command) (at.Answer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.arrive()
	mood := m.random.IntN(100)
	fails := func(err error) (at.Answer, error) { return nil, &at.CommandError{Command: cmd.Text, Err: err} }
	if mood < m.moods {
		switch mood % 3 {
		case 0:
			return fails(&at.CMSError{Code: 314, Text: "314"})
		case 1: // It did what it was told and never said so.
			_, _ = m.obey(cmd)
			return fails(at.ErrTimeout)
		default:
			if strings.HasPrefix(cmd.Text, "+CMGD=") {
				return at.Answer{}, nil // And does nothing.
			}
			return fails(at.ErrTimeout)
		}
	}
	return m.obey(cmd)
}

// arrive has some messages come.
func (m *moody) arrive() {
	for _, name := range []sms.Memory{sms.SIM, sms.Equipment} {
		places := m.memories[name]
		for i := range places {
			if places[i] == "" && len(m.coming) > 0 && m.random.IntN(3) == 0 {
				places[i], m.coming = m.coming[0], m.coming[1:]
				select {
				case m.hint <- struct{}{}:
				default:
				}
			}
		}
	}
}

func (m *moody) obey(cmd at.Command) (at.Answer, error) {
	name, value, _ := strings.Cut(cmd.Text, "=")
	switch name {
	case "+CPMS":
		m.selected = sms.Memory(strings.Trim(value, `"`))
		places := m.memories[m.selected]
		free := 0
		for _, p := range places {
			if p == "" {
				free++
			}
		}
		return at.Answer{{Text: fmt.Sprintf("+CPMS: %d,%d", len(places)-free, len(places))}}, nil
	case "+CMGL":
		var answer at.Answer
		for i, p := range m.memories[m.selected] {
			if p != "" {
				answer = append(answer, at.Line{Text: fmt.Sprintf("+CMGL: %d,1,,%d", i, len(p)/2-1), PDU: p})
			}
		}
		return answer, nil
	case "+CMGD":
		i, _ := strconv.Atoi(value)
		places := m.memories[m.selected]
		if places[i] == "" {
			return nil, &at.CMSError{Code: 321, Text: "321"}
		}
		if m.done[places[i]] == 0 {
			m.wrong = append(m.wrong, places[i])
		}
		places[i] = ""
		if !m.closed && len(m.coming) == 0 && !slices.ContainsFunc(m.memories[sms.SIM], isThere) && !slices.ContainsFunc(m.memories[sms.Equipment], isThere) {
			m.closed = true
			close(m.empty)
		}
		return at.Answer{}, nil
	}
	return nil, at.ErrRefused
}

func isThere(p string) bool { return p != "" }

// HandleText commits, or fails in one of its ways.
func (m *moody) HandleText(_ context.Context, text Text) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch m.random.IntN(100) * 10 / max(1, m.moods) {
	case 0:
		return tracking.ErrUnavailable
	case 1:
		return errors.New("a bug")
	case 2: // Committed, and nobody knows.
		m.done[text.PDUs[0]]++
		return tracking.ErrUnavailable
	}
	m.done[text.PDUs[0]]++
	return nil
}

// TestNothingIsDeletedBeforeItIsCommitted: whatever the modem and the store do, in whatever order, a message leaves the
// SIM only after it was committed, and in the end all are committed and the SIM is empty.
func TestNothingIsDeletedBeforeItIsCommitted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hint := make(chan struct{}, 1)
		m := &moody{
			t: t, random: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), //nolint:gosec // the same again
			moods: rapid.IntRange(0, 40).Draw(t, "moods"), done: map[string]int{}, hint: hint, empty: make(chan struct{}),
			memories: map[sms.Memory][]string{
				sms.SIM:       make([]string, rapid.IntRange(1, 8).Draw(t, "SM")),
				sms.Equipment: make([]string, rapid.IntRange(1, 8).Draw(t, "ME")),
			},
		}
		n := rapid.IntRange(1, 60).Draw(t, "texts")
		for i := range n {
			m.coming = append(m.coming, pdu(i))
		}
		device, err := New(Config{
			Name: "one", Handler: m, RetryMin: time.Microsecond, RetryMax: time.Millisecond, SweepInterval: time.Millisecond,
			Open: Serial("", 0),
		})
		require.NoError(t, err)
		s := &session{
			modem: device, cfg: &device.cfg, store: sms.NewStore(m), memories: []sms.Memory{sms.SIM, sms.Equipment}, hint: hint,
			reports: newReports(), imsi: "460001",
		}
		r := s.reader()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var running sync.WaitGroup
		running.Go(func() { r.run(ctx) })
		for end := false; !end; {
			select {
			case err := <-r.results: // What the modem refuses is tried again.
				require.False(t, at.IsLost(err))
			case <-m.empty:
				end = true
			case <-ctx.Done():
				end = true
			}
		}
		cancel()
		running.Wait()
		require.Empty(t, m.wrong, "deleted and not committed")
		require.True(t, m.closed, "the SIM is empty: %v, %d to come", m.memories, len(m.coming))
		require.Len(t, m.done, n)
	})
}
