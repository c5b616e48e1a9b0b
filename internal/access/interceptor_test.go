package access_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"waybill/internal/access"
)

// bearers knows who bears a secret.
type bearers map[string]access.Caller

func (b bearers) Authenticate(_ context.Context, secret string) (access.Caller, error) {
	if secret == "broken" {
		return access.Caller{}, errors.New("the database is away")
	}
	caller, ok := b[secret]
	if !ok {
		return access.Caller{}, access.ErrUnauthenticated
	}
	return caller, nil
}

func TestGuardAdmitsByTheTable(t *testing.T) {
	t.Parallel()
	guard := access.NewGuard(bearers{
		"a": {Role: access.Admin}, "d": {Role: access.Device, Device: "devices/x"}, "c": {Role: access.Customer, Customer: "customers/x"},
	}, access.Methods(), slog.New(slog.DiscardHandler))
	const (
		create = "/waybill.access.v1.TokenService/CreateToken"
		locate = "/waybill.crm.v1.LocationService/GetOrderLocation"
		health = "/grpc.health.v1.Health/Check"
	)
	for _, c := range []struct {
		method, authorization string
		want                  codes.Code
	}{
		{create, "Bearer a", codes.OK},
		{create, "bearer a", codes.OK},
		{create, "Bearer c", codes.PermissionDenied},
		{create, "Bearer ?", codes.Unauthenticated},
		{create, "Bearer broken", codes.Unavailable},
		{create, "Basic a", codes.Unauthenticated},
		{create, "", codes.Unauthenticated},
		{locate, "Bearer c", codes.OK},
		{locate, "Bearer d", codes.PermissionDenied},
		{"/waybill.crm.v1.LocationService/Forgotten", "Bearer a", codes.PermissionDenied},
		{health, "", codes.OK},
	} {
		ctx := t.Context()
		if c.authorization != "" {
			ctx = metadata.NewIncomingContext(ctx, metadata.Pairs("authorization", c.authorization))
		}
		_, err := guard.Unary(ctx, nil, &grpc.UnaryServerInfo{FullMethod: c.method}, func(ctx context.Context, _ any) (any, error) {
			if c.method != health {
				require.NotEmpty(t, access.FromContext(ctx).Role)
			}
			return nil, nil
		})
		require.Equal(t, c.want, status.Code(err), "%s as %q", c.method, c.authorization)
	}
}
