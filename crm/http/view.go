package crmhttp

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"waybill/crm"
	"waybill/crm/link"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// view makes what the holder of a link is told.
type view struct {
	target link.Target
	fixed  published // but for the location
}

// published is the body of /t/{token}/location, and of each event.
type published struct {
	Order     string          `json:"order"`
	Reference string          `json:"reference,omitempty"`
	Lines     []publishedLine `json:"lines"`
	Text      publishedText   `json:"text"`
	Language  string          `json:"language"`
	Location  json.RawMessage `json:"location"`
}

// publishedText is how to ask by SMS.
type publishedText struct {
	// Code is what stands behind TRACK, and Number whom to text.
	Code   string `json:"code"`
	Number string `json:"number,omitempty"`
}

type publishedLine struct {
	Description string  `json:"description"`
	Quantity    float64 `json:"quantity"`
	Unit        string  `json:"unit"`
}

// viewOf reads what does not change while somebody looks on.
func (h *Handler) viewOf(ctx context.Context, target link.Target) (view, error) {
	order, err := h.Orders.Order(ctx, target)
	if err != nil {
		return view{}, err
	}
	v := view{target: target, fixed: published{
		Order: target.Order, Reference: order.GetReference(), Language: target.Language,
		Text:  publishedText{Code: link.ShownCode(target.Code), Number: h.TextNumber},
		Lines: make([]publishedLine, 0, len(order.GetLines())),
	}}
	for _, line := range order.GetLines() {
		v.fixed.Lines = append(v.fixed.Lines, publishedLine{
			Description: line.GetDescription(), Quantity: line.GetQuantity(), Unit: line.GetUnit(),
		})
	}
	return v, nil
}

// locate asks where the order is now, and returns it as body.
func (v view) locate(ctx context.Context, orders Orders) ([]byte, error) {
	location, err := orders.Location(ctx, v.target)
	if err != nil {
		return nil, err
	}
	return v.body(location)
}

// body is what is sent of a location.
func (v view) body(location *crmv1.OrderLocation) ([]byte, error) {
	raw, err := protojson.Marshal(public(location))
	if err != nil {
		return nil, fmt.Errorf("write a location: %w", err)
	}
	out := v.fixed
	out.Location = raw
	// encoding/json also takes out the spaces that protojson puts in at random, so
	// equal locations are equal bodies.
	return json.Marshal(out)
}

// public is a location without what a link does not show: resource names other than
// the order's own, and the position of a vehicle once the goods have been handed
// over. Whoever located it has seen to both; a link is public, so it is made sure.
func public(location *crmv1.OrderLocation) *crmv1.OrderLocation {
	out, ok := proto.Clone(location).(*crmv1.OrderLocation)
	if !ok {
		return &crmv1.OrderLocation{}
	}
	for _, shipment := range out.GetShipments() {
		for _, place := range []*crmv1.Place{shipment.GetPlace(), shipment.GetNextStop()} {
			if place != nil {
				place.Name = ""
			}
		}
		handedOver := shipment.GetStage() == crmv1.Stage_STAGE_DELIVERED || shipment.GetStage() == crmv1.Stage_STAGE_INSTALLED
		if handedOver && shipment.GetPlace().GetKind() == string(crm.Vehicle) {
			shipment.Point, shipment.Nearest, shipment.Speed, shipment.Course, shipment.AsOfTime = nil, nil, nil, nil, nil
			shipment.Freshness = crmv1.Freshness_FRESHNESS_UNKNOWN
		}
	}
	return out
}
