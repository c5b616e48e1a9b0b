package demo

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	crmv1 "waybill/proto/waybill/crm/v1"
)

// order is one order of the demonstration with what has happened to it.
type order struct {
	id, customer, site string
	article            string
	quantity           float64
	// due is the end of the promised window, from now.
	due    time.Duration
	events []event
}

// event is what happened some time ago.
type event struct {
	ago               time.Duration
	step, disposition string
	at, vehicle, note string
}

const (
	station  = "facilities/works/stations/optics"
	test     = "facilities/works/stations/final-test"
	bay      = "facilities/warehouse/storageLocations/a-12"
	works    = "facilities/works"
	hour     = time.Hour
	day      = 24 * time.Hour
	shipped  = "vehicles/truck-1"
	slowRoad = "vehicles/truck-2"
	silent   = "vehicles/truck-9"
)

// orders are at every stage, and one thing of each kind has gone wrong.
func orders() []order {
	made := func(ago time.Duration) []event {
		return []event{
			{ago: ago, step: "commissioning", at: station},
			{ago: ago - hour, step: "inspecting", at: test},
		}
	}
	stored := func(ago time.Duration) []event {
		return append(made(ago), event{ago: ago - 3*hour, step: "storing", at: bay})
	}
	loaded := func(ago time.Duration, vehicle string) []event {
		return append(stored(ago+2*day),
			event{ago: ago, step: "loading", at: works, vehicle: vehicle},
			event{ago: ago - 10*time.Minute, step: "departing", at: works, vehicle: vehicle})
	}
	delivered := func(ago time.Duration, site string) []event {
		return append(loaded(ago+4*hour, "vehicles/truck-4"),
			event{ago: ago + time.Hour, step: "arriving", at: site, vehicle: "vehicles/truck-4"},
			event{ago: ago, step: "accepting", at: site, note: "Received complete"})
	}
	return []order{
		{"SO-2601", "zhangjiang", "lab", "光谱仪 SPM-2", 2, 2 * hour, loaded(40*time.Minute, shipped)},
		{"SO-2602", "xianlin", "nanjing", "Interferometer IF-9", 1, 5 * hour, loaded(hour, slowRoad)},
		{"SO-2603", "ruijin", "hospital", "生化分析仪 BA-400", 1, 3 * day, made(2 * hour)},
		{"SO-2604", "binjiang", "hangzhou", "Cell counter CC-3", 4, 2 * day, stored(9 * hour)},
		{"SO-2605", "xinwu", "wuxi", "激光测距模块 LR-7", 120, -3 * hour, delivered(4*hour, "customers/xinwu/sites/wuxi")},
		{
			"SO-2606", "ruijin", "hospital", "离心机 CF-12", 1, -6 * day,
			append(delivered(6*day, "customers/ruijin/sites/hospital"),
				event{ago: 5 * day, step: "installing", at: "customers/ruijin/sites/hospital", note: "SN CF12-0093"}),
		},
		{
			"SO-2607", "yinzhou", "ningbo", "Depth sounder DS-1", 6, 6 * hour,
			append(loaded(3*hour, "vehicles/truck-3"),
				event{ago: 20 * time.Minute, step: "inspecting", disposition: "damaged", vehicle: "vehicles/truck-3", note: "One crate wet"}),
		},
		{"SO-2608", "zhangjiang", "lab", "光谱仪 SPM-2", 1, 14 * day, nil},
		{
			"SO-2609", "binjiang", "hangzhou", "Cell counter CC-3", 1, -9 * day,
			append(delivered(9*day, "customers/binjiang/sites/hangzhou"),
				event{ago: 2 * day, step: "receiving", disposition: "returned", at: "facilities/warehouse", note: "Wrong voltage"}),
		},
		{"SO-2610", "xinwu", "wuxi", "激光测距模块 LR-7", 40, -hour, loaded(2*hour, silent)},
	}
}

// take takes the orders and records what happened to them. What an earlier start
// took stays as it is.
func (c *company) take(ctx context.Context, now time.Time) error {
	for _, o := range orders() {
		resp, err := c.orders.CreateOrder(ctx, &crmv1.CreateOrderRequest{OrderId: o.id, Order: &crmv1.Order{
			Customer:    "customers/" + o.customer,
			Destination: "customers/" + o.customer + "/sites/" + o.site,
			Lines:       []*crmv1.OrderLine{{Number: 1, Description: o.article, Quantity: o.quantity, Unit: "piece"}},
			PromisedWindow: &crmv1.TimeWindow{
				StartTime: timestamppb.New(now.Add(o.due - 2*hour)), EndTime: timestamppb.New(now.Add(o.due)),
			},
		}})
		if err != nil {
			if there(err) == nil {
				continue
			}
			return fmt.Errorf("take %s: %w", o.id, err)
		}
		for _, e := range o.events {
			if err := c.happen(ctx, resp.GetShipments()[0].GetName(), e, now); err != nil {
				return fmt.Errorf("%s of %s: %w", e.step, o.id, err)
			}
		}
	}
	return nil
}

func (c *company) happen(ctx context.Context, shipment string, e event, now time.Time) error {
	_, err := c.orders.RecordEvent(ctx, &crmv1.RecordEventRequest{Shipment: shipment, Event: &crmv1.Event{
		BizStep: e.step, Disposition: e.disposition, ReadPoint: e.at, Vehicle: e.vehicle, Note: e.note,
		EventTime: timestamppb.New(now.Add(-e.ago)),
	}})
	return err
}
