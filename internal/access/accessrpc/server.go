// Package accessrpc serves tokens over gRPC.
package accessrpc

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/access"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	accessv1 "waybill/proto/waybill/access/v1"
)

const (
	usualPage = 50
	mostPage  = 1000
	prefix    = "tokens/"
	// rolePrefix is what the contract puts before the names of roles.
	rolePrefix = "ROLE_"
)

// Store keeps tokens.
type Store interface {
	// Create issues a token; the error is an [access.InvalidError] for one that doesn't
	// make sense.
	Create(ctx context.Context, t access.Token) (access.Token, string, error)
	// List returns at most limit tokens with ids after the given one.
	List(ctx context.Context, after string, limit int) ([]access.Token, error)
	// Revoke ends a token; the error is [access.ErrNotFound] when there is none.
	Revoke(ctx context.Context, id string) (access.Token, error)
}

// Server answers TokenService.
type Server struct {
	accessv1.UnimplementedTokenServiceServer
	store Store
	log   *slog.Logger
}

// New returns a server over the store.
func New(store Store, log *slog.Logger) *Server { return &Server{store: store, log: log} }

// CreateToken issues a token.
func (s *Server) CreateToken(ctx context.Context, req *accessv1.CreateTokenRequest) (*accessv1.CreateTokenResponse, error) {
	t := access.Token{
		DisplayName: req.GetToken().GetDisplayName(),
		Role:        access.Role(strings.ToLower(strings.TrimPrefix(req.GetToken().GetRole().String(), rolePrefix))),
		Customer:    req.GetToken().GetCustomer(),
		Device:      req.GetToken().GetDevice(),
	}
	if expire := req.GetToken().GetExpireTime(); expire != nil {
		if err := expire.CheckValid(); err != nil {
			return nil, rpcerr.Invalid(rpcerr.Field("token.expire_time", "give a time from year 1 to 9999"))
		}
		t.ExpireTime = expire.AsTime()
	}
	created, secret, err := s.store.Create(ctx, t)
	var invalid *access.InvalidError
	if errors.As(err, &invalid) {
		return nil, rpcerr.Invalid(rpcerr.Field("token."+invalid.Field, invalid.Advice))
	}
	if err != nil {
		return nil, s.internal(ctx, err)
	}
	return &accessv1.CreateTokenResponse{Token: toProto(created), Secret: secret}, nil
}

// ListTokens lists tokens by name.
func (s *Server) ListTokens(ctx context.Context, req *accessv1.ListTokensRequest) (*accessv1.ListTokensResponse, error) {
	var after string
	if err := paging.Decode(req.GetPageToken(), &after); err != nil {
		return nil, rpcerr.From(err)
	}
	size := paging.Size(req.GetPageSize(), usualPage, mostPage)
	tokens, err := s.store.List(ctx, after, size+1)
	if err != nil {
		return nil, s.internal(ctx, err)
	}
	page, next, err := paging.Cut(tokens, size, func(t access.Token) any { return t.ID })
	if err != nil {
		return nil, s.internal(ctx, err)
	}
	resp := &accessv1.ListTokensResponse{NextPageToken: next}
	for _, t := range page {
		resp.Tokens = append(resp.Tokens, toProto(t))
	}
	return resp, nil
}

// RevokeToken ends a token at once.
func (s *Server) RevokeToken(ctx context.Context, req *accessv1.RevokeTokenRequest) (*accessv1.RevokeTokenResponse, error) {
	id, ok := strings.CutPrefix(req.GetName(), prefix)
	if !ok {
		return nil, rpcerr.Invalid(rpcerr.Field("name", "write it as tokens/{token}; ListTokens shows the names"))
	}
	t, err := s.store.Revoke(ctx, id)
	if errors.Is(err, access.ErrNotFound) {
		return nil, rpcerr.NotFound(req.GetName())
	}
	if err != nil {
		return nil, s.internal(ctx, err)
	}
	return &accessv1.RevokeTokenResponse{Token: toProto(t)}, nil
}

func (s *Server) internal(ctx context.Context, err error) error {
	s.log.ErrorContext(ctx, "token service", slog.String("error", err.Error()))
	return rpcerr.From(err)
}

func toProto(t access.Token) *accessv1.Token {
	return &accessv1.Token{
		Name:        prefix + t.ID,
		DisplayName: t.DisplayName,
		Role:        accessv1.Role(accessv1.Role_value[rolePrefix+strings.ToUpper(string(t.Role))]),
		Customer:    t.Customer,
		Device:      t.Device,
		CreateTime:  timestamp(t.CreateTime),
		ExpireTime:  timestamp(t.ExpireTime),
		RevokeTime:  timestamp(t.RevokeTime),
	}
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
