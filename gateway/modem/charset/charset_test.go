package charset_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/warthog618/sms"

	"waybill/gateway/modem/charset"
)

// TestTablesAreSafeAtOnce fails with -race where a table is made after Prepare.
func TestTablesAreSafeAtOnce(t *testing.T) {
	t.Parallel()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			charset.Prepare()
			for _, text := range []string{"plain {€}", "ğşİ ç", "货物", "நன்றி"} {
				_, err := sms.Encode([]byte(text), sms.WithAllCharsets)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	require.False(t, t.Failed())
}
