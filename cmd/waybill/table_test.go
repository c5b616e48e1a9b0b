package main

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/reflection"

	"waybill/internal/access"
	"waybill/internal/pgtest"
)

// wired is a process with all roles that is not started.
func wired(t *testing.T) *process {
	t.Helper()
	address := pgtest.NewURL(t)
	s := &settings{
		Roles: []string{roleGateway, roleTracking, roleCRM}, HTTPAddress: "127.0.0.1:0", GRPCAddress: "127.0.0.1:0", MQTTAddress: "127.0.0.1:0",
	}
	g := &Globals{DataDir: t.TempDir(), DatabaseURL: address, Region: "CN"}
	p, err := newProcess(s, g, &store{pool: pgtest.Open(t, address), url: address}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, p.wire(t.Context()))
	t.Cleanup(func() { require.NoError(t, p.conns.close()) })
	return p
}

func TestEveryMethodIsInTheTable(t *testing.T) {
	t.Parallel()
	table := access.Methods()
	served := make(map[string]bool)
	var info reflection.ServiceInfoProvider = wired(t).rpc
	for service, about := range info.GetServiceInfo() {
		for _, method := range about.Methods {
			name := "/" + service + "/" + method.Name
			served[name] = true
			require.True(t, table.Known(name), "%s is served, but the table of methods to roles doesn't have it", name)
		}
	}
	require.Greater(t, len(served), 40)
	for _, name := range table.Names() {
		require.True(t, served[name], "the table has %s, but nobody serves it", name)
	}
}

func TestAdminMayCallWhatAnyStaffMayCall(t *testing.T) {
	t.Parallel()
	table := access.Methods()
	staff := []access.Role{access.Dispatcher, access.Analyst, access.Service}
	for _, name := range table.Names() {
		if slices.ContainsFunc(staff, func(r access.Role) bool { return table.Allows(name, r) }) {
			require.True(t, table.Allows(name, access.Admin), name)
		}
	}
}
