package rpc

import (
	"context"
	"log/slog"

	"waybill/crm/search"
	"waybill/internal/paging"
	crmv1 "waybill/proto/waybill/crm/v1"
)

const (
	usualResults = 20
	mostResults  = 100
)

// Search is the server of searches.
type Search struct {
	crmv1.UnimplementedSearchServiceServer
	searcher *search.Searcher
	logger   *slog.Logger
}

// NewSearch makes the server.
func NewSearch(searcher *search.Searcher, logger *slog.Logger) *Search {
	return &Search{searcher: searcher, logger: logger}
}

// Search implements the contract.
func (s *Search) Search(ctx context.Context, r *crmv1.SearchRequest) (*crmv1.SearchResponse, error) {
	only, err := narrow(ctx)
	if err != nil {
		return nil, err
	}
	size := paging.Size(r.GetPageSize(), usualResults, mostResults)
	page, next, err := s.searcher.Search(ctx, r.GetQuery(), only, size, r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.SearchResponse{Results: each(page, resultOf), NextPageToken: next}, nil
}

func resultOf(r search.Result) *crmv1.SearchResult {
	if r.Order != nil {
		return &crmv1.SearchResult{Result: &crmv1.SearchResult_Order{Order: orderOf(*r.Order)}}
	}
	return &crmv1.SearchResult{Result: &crmv1.SearchResult_Customer{Customer: customerOf(*r.Customer)}}
}
