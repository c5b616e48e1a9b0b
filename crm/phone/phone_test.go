package phone_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm/phone"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", "138 0013 8000": "+8613800138000", "+49 (30) 123-4567": "+49301234567", "010-65529988": "+861065529988",
	} {
		got, err := phone.Region("CN").Normalize(given)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := phone.Region("").Normalize("138 0013 8000")
	require.ErrorIs(t, err, phone.ErrNumber)
	_, err = phone.Region("CN").Normalize("call me")
	require.ErrorContains(t, err, "write it as in CN")
}

func TestSubscriber(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"+8613800138000": true, "+8613900000000": true, "+861065529988": true, "+33612345678": true,
		"+8610086": false, "+8695588": false, "+86106575258000": false, "+8612345": false, "": false, "Operator": false,
		"+449012345678": false,
	} {
		require.Equal(t, want, phone.Subscriber(number), number)
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("+8613800138000")
	f.Add("010 6552 9988 ext 3")
	f.Fuzz(func(t *testing.T, s string) {
		number, err := phone.Region("CN").Normalize(s)
		if err != nil || number == "" {
			return
		}
		again, err := phone.Region("").Normalize(number)
		require.NoError(t, err, number)
		require.Equal(t, number, again)
	})
}
