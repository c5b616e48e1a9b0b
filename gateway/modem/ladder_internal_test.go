package modem

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/at"
)

func TestLadder(t *testing.T) {
	t.Parallel()
	hang, gone := at.ErrNoSync, at.ErrClosed
	for _, c := range []struct {
		name  string
		after []error
		known bool
		want  []Rung
	}{
		{"a modem that hangs", []error{hang, hang, hang, hang, hang}, true, []Rung{Reinitialise, Restart, Reopen, Restart, Reopen}},
		{"a port that never was a modem's", []error{hang, hang, hang, hang}, false, []Rung{Reinitialise, Reopen, Reopen, Reopen}},
		{"a modem that went away", []error{gone, gone, gone}, true, []Rung{Reopen, Reopen, Reopen}},
		{"a modem that restarts by itself", []error{ErrRestarted, ErrRestarted}, true, []Rung{Reinitialise, Reinitialise}},
		{"a PIN that is wrong", []error{ErrPIN, ErrPIN, ErrPIN}, true, []Rung{Reopen, Reopen, Reopen}},
		{"no SIM", []error{ErrSIM, ErrSIM, ErrSIM, ErrSIM}, true, []Rung{Reopen, Restart, Reopen, Reopen}},
		{"memories that it does not give out", []error{errUnusable, errUnusable, errUnusable}, true, []Rung{Reinitialise, Restart, Reopen}},
	} {
		var l ladder
		var got []Rung
		for _, err := range c.after {
			got = append(got, l.next(errors.Join(errors.New("as seen"), err), c.known))
		}
		require.Equal(t, c.want, got, c.name)
		l.reset()
		require.Equal(t, Reinitialise, l.next(hang, true), "and after a success from the beginning")
	}
}

func TestPINsAreChosenByTheNearest(t *testing.T) {
	t.Parallel()
	pins, err := ParsePINs([]string{"1111", "89860012345678901234=2222", "352848025020328=3333", "/dev/serial/by-id/usb-A=4444", "usb-B=55555"})
	require.NoError(t, err)
	require.Equal(t, "2222", pins.For("89860012345678901234", "352848025020328", "/dev/serial/by-id/usb-A"))
	require.Equal(t, "3333", pins.For("", "352848025020328", "/dev/serial/by-id/usb-A"))
	require.Equal(t, "4444", pins.For("8986", "1", "/dev/serial/by-id/usb-A"))
	require.Equal(t, "55555", pins.For("", "", "/dev/serial/by-id/usb-B"))
	require.Equal(t, "1111", pins.For("", "", ""))
	require.NotContains(t, pins.String(), "2222")
	for _, wrong := range [][]string{{"123"}, {"12a4"}, {"x="}, {"123456789"}, {"1111", "2222"}} {
		_, err := ParsePINs(wrong)
		require.Error(t, err, wrong)
	}
	none, err := ParsePINs(nil)
	require.NoError(t, err)
	require.Empty(t, none.For("1", "2", "3"))
}
