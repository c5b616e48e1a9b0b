package accessrpc_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/access"
	"waybill/internal/access/accessrpc"
	"waybill/internal/pgtest"
	accessv1 "waybill/proto/waybill/access/v1"
)

func TestTokenService(t *testing.T) {
	t.Parallel()
	tokens := access.NewStore(pgtest.New(t))
	server := accessrpc.New(tokens, slog.New(slog.DiscardHandler))
	var names []string
	for _, role := range access.Roles() {
		token := &accessv1.Token{Role: accessv1.Role(accessv1.Role_value["ROLE_"+map[access.Role]string{
			access.Admin: "ADMIN", access.Dispatcher: "DISPATCHER", access.Analyst: "ANALYST", access.Service: "SERVICE",
			access.Customer: "CUSTOMER", access.Device: "DEVICE", access.Peer: "PEER",
		}[role]])}
		if role == access.Customer {
			token.Customer = "customers/acme"
		}
		if role == access.Device {
			token.Device = "devices/van-7"
		}
		made, err := server.CreateToken(t.Context(), &accessv1.CreateTokenRequest{Token: token})
		require.NoError(t, err, role)
		require.Equal(t, token.GetRole(), made.GetToken().GetRole())
		caller, err := tokens.Authenticate(t.Context(), made.GetSecret())
		require.NoError(t, err)
		require.Equal(t, role, caller.Role)
		names = append(names, made.GetToken().GetName())
	}

	var listed []string
	for page := ""; ; {
		list, err := server.ListTokens(t.Context(), &accessv1.ListTokensRequest{PageSize: 3, PageToken: page})
		require.NoError(t, err)
		for _, token := range list.GetTokens() {
			listed = append(listed, token.GetName())
		}
		if page = list.GetNextPageToken(); page == "" {
			break
		}
	}
	require.ElementsMatch(t, names, listed)

	revoked, err := server.RevokeToken(t.Context(), &accessv1.RevokeTokenRequest{Name: names[0]})
	require.NoError(t, err)
	require.NotNil(t, revoked.GetToken().GetRevokeTime())
	_, err = server.RevokeToken(t.Context(), &accessv1.RevokeTokenRequest{Name: "tokens/none"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = server.RevokeToken(t.Context(), &accessv1.RevokeTokenRequest{Name: "none"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestTokensThatMakeNoSense(t *testing.T) {
	t.Parallel()
	server := accessrpc.New(access.NewStore(pgtest.New(t)), slog.New(slog.DiscardHandler))
	for field, token := range map[string]*accessv1.Token{
		"token.role":     {},
		"token.customer": {Role: accessv1.Role_ROLE_CUSTOMER},
		"token.device":   {Role: accessv1.Role_ROLE_DEVICE, Device: "van-7"},
		"token.expire_time": {
			Role: accessv1.Role_ROLE_ADMIN, ExpireTime: timestamppb.New(time.Now().Add(-time.Hour)),
		},
	} {
		_, err := server.CreateToken(t.Context(), &accessv1.CreateTokenRequest{Token: token})
		var wrong []string
		for _, detail := range status.Convert(err).Details() {
			if bad, ok := detail.(*errdetails.BadRequest); ok {
				wrong = append(wrong, bad.GetFieldViolations()[0].GetField())
			}
		}
		require.Equal(t, []string{field}, wrong, "%v", err)
	}
}
