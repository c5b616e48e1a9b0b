package codec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/codec"
)

func TestTimeOfAClockThatWasNeverSet(t *testing.T) {
	t.Parallel()
	_, err := codec.Time(time.DateTime, "0001-01-01 00:00:00", nil)
	var broken *codec.Error
	require.ErrorAs(t, err, &broken)
	require.Equal(t, codec.ReasonTime, broken.Reason)
	at, err := codec.Time(time.DateTime, "0001-01-01 00:00:01", nil)
	require.NoError(t, err, "what is merely too old is rejected later, with the date")
	require.Equal(t, 1, at.Second())
}
