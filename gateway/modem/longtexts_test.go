package modem_test

import (
	"testing"

	"waybill/gateway/modem"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
)

// assembled has long texts put together in a database of the test's own.
func assembled(t *testing.T, handler modem.Handler) *modem.Assembler {
	t.Helper()
	a := modem.NewAssembler(modem.AssemblerConfig{Store: postgres.New(pgtest.New(t), postgres.Bounds{}), Handler: handler})
	run(t, a.Run)
	return a
}
