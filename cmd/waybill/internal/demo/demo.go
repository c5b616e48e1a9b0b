package demo

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"waybill/internal/lifecycle"
	crmv1 "waybill/proto/waybill/crm/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// acceptAfter is how long after an arrival the goods are accepted.
const acceptAfter = time.Minute

const (
	// silentAfter is how long the truck that is never heard again may be silent, and
	// slow, in metres a second, is what another may drive: both are told.
	silentAfter = 2 * time.Minute
	slow        = 0.9 * pace
)

// Roads opens the ways by which units report.
type Roads struct {
	// MQTT connects a unit to the endpoint.
	MQTT func(device, password string) Road
	// SMS sends a unit's fixes as texts from its number. Nil when no modem is
	// emulated: its trucks then report by MQTT.
	SMS func(phone string) Road
	// Text sends any text from a number. It goes with SMS.
	Text func(ctx context.Context, from, text string) error
}

// Config says where the company is to be played.
type Config struct {
	// API is a connection with an admin's token.
	API   grpc.ClientConnInterface
	Roads Roads
	Log   *slog.Logger
}

// Demo is the company, founded and not yet under way.
type Demo struct {
	// Link is the address of the tracking page of the order that arrives first.
	Link string
	// Code asks for the same by text.
	Code string
	// Order is that order.
	Order string

	config  Config
	company *company
	trucks  []*truck
	silent  *truck
}

// New founds the company, takes its orders and fits its trucks out.
func New(ctx context.Context, config Config) (*Demo, error) {
	d := &Demo{config: config, company: newCompany(config.API), Order: "orders/SO-2601"}
	if err := d.company.found(ctx); err != nil {
		return nil, err
	}
	if err := d.fitOut(ctx); err != nil {
		return nil, err
	}
	if err := d.company.take(ctx, time.Now()); err != nil {
		return nil, err
	}
	link, err := d.company.links.CreateTrackingLink(ctx, &crmv1.CreateTrackingLinkRequest{Parent: d.Order})
	if err != nil {
		return nil, fmt.Errorf("make a tracking link: %w", err)
	}
	d.Link, d.Code = link.GetUri(), link.GetTrackingLink().GetCode()
	return d, nil
}

// fitOut puts units on the trucks.
func (d *Demo) fitOut(ctx context.Context) error {
	ways := routes()
	for _, t := range []struct {
		id, name, plate, way string
		// done is the share of the way that lies behind the truck, less rest metres.
		done, rest float64
		sms        bool
		limits     *trackingv1.DeviceLimits
	}{
		// The first arrives nine minutes after the start.
		{id: "1", name: "沪运 1 号", plate: "苏E·10001", way: "lab", done: 1, rest: 12_000},
		{id: "2", name: "宁运 2 号", plate: "苏E·10002", way: "nanjing", done: 0.4, sms: true},
		{id: "3", name: "甬运 3 号", plate: "苏E·10003", way: "ningbo", done: 0.6},
		{id: "4", name: "锡运 4 号", plate: "苏E·10004", way: "wuxi", done: 0.2},
		{id: "5", name: "杭运 5 号", plate: "苏E·10005", way: "hangzhou", done: 0.3},
		{id: "6", name: "沪运 6 号", plate: "苏E·10006", way: "hub", done: 0.5},
		{id: "7", name: "昆运 7 号", plate: "苏E·10007", way: "warehouse", done: 0.1, sms: true},
		{id: "8", name: "沪运 8 号", plate: "苏E·10008", way: "hospital", done: 0.75},
		{id: "9", name: "锡运 9 号", plate: "苏E·10009", way: "wuxi", done: 0.5, limits: &trackingv1.DeviceLimits{SilentAfter: durationpb.New(silentAfter)}},
		{id: "10", name: "杭运 10 号", plate: "苏E·10010", way: "hangzhou", done: 0.8},
		{id: "11", name: "甬运 11 号", plate: "苏E·10011", way: "ningbo", done: 0.15},
		{id: "12", name: "宁运 12 号", plate: "苏E·10012", way: "nanjing", done: 0.85, limits: &trackingv1.DeviceLimits{Speed: proto.Float64(slow)}},
	} {
		phone := fmt.Sprintf("+86139000000%02s", t.id)
		password, err := d.company.unit(ctx, t.id, t.name, t.plate, phone, t.limits)
		if err != nil {
			return err
		}
		way := ways[t.way]
		out := &truck{
			id: t.id, way: way, every: 2 * time.Second, pause: 10 * time.Minute,
			from: way.length()*t.done - t.rest, log: d.config.Log,
		}
		if t.sms && d.config.Roads.SMS != nil {
			// A text a quarter of a minute is as much as a network takes.
			out.every, out.road = 15*time.Second, d.config.Roads.SMS(phone)
		} else {
			out.road = d.config.Roads.MQTT("unit-"+t.id, password)
		}
		if t.id == "9" {
			d.silent = out
			continue
		}
		d.trucks = append(d.trucks, out)
	}
	return nil
}

// Run drives the trucks until the context ends.
func (d *Demo) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, t := range d.trucks {
		all.Go(func() { t.drive(ctx) })
	}
	all.Go(func() { d.fallSilent(ctx) })
	all.Go(func() { d.misdial(ctx) })
	all.Go(func() { d.accept(ctx) })
	all.Wait()
	return nil
}

// fallSilent is the truck of which nothing is heard any more: its last fix is
// older than what is called live.
func (d *Demo) fallSilent(ctx context.Context) {
	defer d.silent.road.Close()
	last := d.silent.fix(time.Now().Add(-50*time.Minute), 0)
	if err := d.silent.road.Send(ctx, []tracking.Fix{last}); err != nil {
		d.complain(ctx, "the silent truck", err)
	}
}

// misdial sends a text that is no fix, from a number that is no unit's: it is to
// be seen among the rejected input.
func (d *Demo) misdial(ctx context.Context) {
	if d.config.Roads.Text == nil {
		return
	}
	if err := d.config.Roads.Text(ctx, "+8613999999999", "您的验证码是 4711，请勿告诉他人"); err != nil {
		d.complain(ctx, "a wrong number", err)
	}
}

// accept hands the first order over, some time after its truck has arrived.
func (d *Demo) accept(ctx context.Context) {
	shipment := d.Order + "/shipments/1"
	stream, err := crmv1.NewLocationServiceClient(d.config.API).WatchOrderLocation(ctx, &crmv1.WatchOrderLocationRequest{Order: d.Order})
	for err == nil {
		if _, err = stream.Recv(); err != nil {
			break
		}
		events, listed := d.company.orders.ListEvents(ctx, &crmv1.ListEventsRequest{Parent: shipment, PageSize: 100})
		if err = listed; err != nil {
			break
		}
		switch last := lastStep(events.GetEvents()); last {
		case "accepting":
			return
		case "arriving":
			if lifecycle.Pause(ctx, acceptAfter) != nil {
				return
			}
			err = d.company.happen(ctx, shipment, event{
				step: "accepting", at: "customers/zhangjiang/sites/lab", note: "两台均完好",
			}, time.Now())
		}
	}
	d.complain(ctx, "the acceptance of "+d.Order, err)
}

func (d *Demo) complain(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		d.config.Log.WarnContext(ctx, "the demonstration failed in part", slog.String("what", what), slog.String("error", err.Error()))
	}
}

func lastStep(events []*crmv1.Event) string {
	if len(events) == 0 {
		return ""
	}
	return events[len(events)-1].GetBizStep()
}

// Vehicles says how many trucks the fleet has, for the welcome.
func (d *Demo) Vehicles(ctx context.Context) (int, error) {
	list, err := d.company.vehicles.ListVehicles(ctx, &trackingv1.ListVehiclesRequest{PageSize: 1000})
	if err != nil {
		return 0, err
	}
	return len(list.GetVehicles()), nil
}
