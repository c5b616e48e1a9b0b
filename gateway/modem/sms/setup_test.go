package sms

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
)

// The offers are as modems print them.
func TestIndicationIsChosenFromWhatIsOffered(t *testing.T) {
	t.Parallel()
	for offered, want := range map[string][2]string{ // Without and with a memory for reports.
		"(0-2),(0-3),(0,2,3),(0-2),(0,1)":       {"+CNMI=2,1,0,1", "+CNMI=2,1,0,2"},
		"(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)": {"+CNMI=2,1,0,1", "+CNMI=2,1,0,2"},
		"(0,1),(0,1),(0),(0),(0)":               {"+CNMI=1,1,0,0", "+CNMI=1,1,0"},
		"(3),(0,1),(0),(0,1)":                   {"+CNMI=3,1,0,1", "+CNMI=3,1,0"},
		"(2),(1),(2)":                           {"+CNMI=2,1", "+CNMI=2,1"},
		"(0,1,2),(0,2),(0),(0)":                 {"", ""},
		"":                                      {"", ""},
		"nonsense":                              {"", ""},
		"(0-2), (0 - 1), (0), (0)":              {"+CNMI=2,1,0,0", "+CNMI=2,1,0"},
		"(0-2),(0-3),(0,2),(2)":                 {"+CNMI=2,1,0,2", "+CNMI=2,1,0,2"},
	} {
		require.Equal(t, want[0], indication(offered, false), offered)
		require.Equal(t, want[1], indication(offered, true), offered)
	}
}

func TestMemoriesFromWhatIsListed(t *testing.T) {
	t.Parallel()
	for offered, want := range map[string][]Memory{
		`("SM","ME"),("SM"),("SM")`:             {SIM, Equipment},
		`("ME","MT","SM","SR"),("ME"),("ME")`:   {Equipment, SIM},
		`("SM","ME","SM_P","ME_P","MT"),("SM")`: {SIM, Equipment},
		`("MT"),("MT")`:                         {Combined},
		`("SM"),("SM")`:                         {SIM},
		`("TA","BM")`:                           {"TA"},
		``:                                      nil,
	} {
		require.Equal(t, want, memories(offered), offered)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"1", "1", "a,b", "26"}, fields(`1,1,"a,b", 26`))
	require.Equal(t, []string{""}, fields(""))
}

func TestComplete(t *testing.T) {
	t.Parallel()
	require.True(t, complete("0011", 1))
	require.False(t, complete("0011", 2))
	require.False(t, complete("", 0))
	require.True(t, complete("0211220011", 2))
}

// busyOnce is a modem that says yes the second time.
type busyOnce struct{ asked map[string]int }

func (b busyOnce) Do(_ context.Context, cmd at.Command) (at.Answer, error) {
	if b.asked[cmd.Text]++; b.asked[cmd.Text] == 1 {
		return nil, &at.CMSError{Code: cmsSIMBusy, Text: "314"}
	}
	if cmd.Text == "+CPMS=?" {
		return at.Answer{{Text: `+CPMS: ("SM","ME"),("SM"),("SM")`}}, nil
	}
	return nil, &at.CMSError{Code: 303, Text: "303"}
}

func TestBusyIsNotTakenForNo(t *testing.T) {
	t.Parallel()
	s := NewStore(busyOnce{map[string]int{}})
	_, err := s.Memories(t.Context())
	require.True(t, IsBusy(err))
	got, err := s.Memories(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Memory{SIM, Equipment}, got)

	_, err = Setup(t.Context(), busyOnce{map[string]int{"+CMGF=0": 1}})
	require.True(t, at.IsRefusal(err))
}

// torn is a modem on a line that drops the end of some PDUs.
type torn struct{ pdus map[string]string }

func (m torn) Do(_ context.Context, cmd at.Command) (at.Answer, error) {
	switch cmd.Text {
	case "+CMGL=4":
		return at.Answer{{Text: "+CMGL: 1,1,,2", PDU: "0011"}, {Text: "+CMGL: 2,1,,2", PDU: "001122"}, {Text: "+CMGL: 3,1,,2", PDU: "00"}, {Text: "+CMGL: 4,1,,9", PDU: "0055"}}, nil
	case `+CPMS="SM"`:
		return at.Answer{{Text: "+CPMS: 3,10"}}, nil
	}
	return at.Answer{{Text: "+CMGR: 1,,2", PDU: m.pdus[cmd.Text]}}, nil
}

func TestHalfAPDUIsNone(t *testing.T) {
	t.Parallel()
	s := NewStore(torn{map[string]string{"+CMGR=1": "00", "+CMGR=3": "003344", "+CMGR=4": "0055"}})
	got, err := s.List(t.Context(), SIM)
	require.NoError(t, err)
	require.Equal(t, []Stored{
		{Slot: Slot{SIM, 1}, Status: Read}, // Torn again: the next listing may have it.
		{Slot: Slot{SIM, 2}, Status: Read, PDU: "001122"},
		{Slot: Slot{SIM, 3}, Status: Read, PDU: "003344"},
		{Slot: Slot{SIM, 4}, Status: Read, PDU: "0055"}, // The same again: it is the length that is wrong.
	}, got)
	_, err = s.Read(t.Context(), Slot{SIM, 1})
	require.True(t, at.IsRefusal(err))
}
