package rpc

import (
	"context"
	"log/slog"

	"waybill/crm"
	"waybill/crm/link"
	"waybill/crm/order"
	crmv1 "waybill/proto/waybill/crm/v1"
)

const linkPattern = "orders/*/trackingLinks/*"

// Links is the server of tracking links.
type Links struct {
	crmv1.UnimplementedTrackingLinkServiceServer
	store  *link.Store
	orders *order.Store
	logger *slog.Logger
}

// NewLinks makes the server.
func NewLinks(store *link.Store, orders *order.Store, logger *slog.Logger) *Links {
	return &Links{store: store, orders: orders, logger: logger}
}

// CreateTrackingLink implements the contract.
func (s *Links) CreateTrackingLink(ctx context.Context, r *crmv1.CreateTrackingLinkRequest) (*crmv1.CreateTrackingLinkResponse, error) {
	parent, err := visibleOrder(ctx, s.orders, "parent", r.GetParent())
	if err == nil {
		err = checkRequest(r.GetRequestId())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	expire, err := moment("tracking_link.expire_time", r.GetTrackingLink().GetExpireTime())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	made, uri, err := s.store.Create(ctx, parent.ID, expire, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateTrackingLinkResponse{TrackingLink: linkOf(made), Uri: uri}, nil
}

// ListTrackingLinks implements the contract.
func (s *Links) ListTrackingLinks(ctx context.Context, r *crmv1.ListTrackingLinksRequest) (*crmv1.ListTrackingLinksResponse, error) {
	parent, err := visibleOrder(ctx, s.orders, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.List(ctx, parent.ID, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListTrackingLinksResponse{TrackingLinks: each(page, linkOf), NextPageToken: next}, nil
}

// RevokeTrackingLink implements the contract.
func (s *Links) RevokeTrackingLink(ctx context.Context, r *crmv1.RevokeTrackingLinkRequest) (*crmv1.RevokeTrackingLinkResponse, error) {
	ids, err := parse("name", linkPattern, r.GetName())
	if err == nil {
		_, err = visibleOrder(ctx, s.orders, "name", crm.OrderName(ids[0]))
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	revoked, err := s.store.Revoke(ctx, ids[0], ids[1])
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.RevokeTrackingLinkResponse{TrackingLink: linkOf(revoked)}, nil
}

func linkOf(l link.Link) *crmv1.TrackingLink {
	return &crmv1.TrackingLink{
		Name: crm.LinkName(l.Order, l.ID), CreateTime: stamp(l.CreateTime), ExpireTime: stamp(l.ExpireTime), RevokeTime: stamp(l.RevokeTime),
		Code: link.ShownCode(l.Code),
	}
}
