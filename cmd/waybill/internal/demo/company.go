package demo

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	crmv1 "waybill/proto/waybill/crm/v1"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// company talks to the API as its staff would.
type company struct {
	customers  crmv1.CustomerServiceClient
	facilities crmv1.FacilityServiceClient
	orders     crmv1.OrderServiceClient
	links      crmv1.TrackingLinkServiceClient
	devices    trackingv1.DeviceServiceClient
	vehicles   trackingv1.VehicleServiceClient
}

func newCompany(conn grpc.ClientConnInterface) *company {
	return &company{
		customers:  crmv1.NewCustomerServiceClient(conn),
		facilities: crmv1.NewFacilityServiceClient(conn),
		orders:     crmv1.NewOrderServiceClient(conn),
		links:      crmv1.NewTrackingLinkServiceClient(conn),
		devices:    trackingv1.NewDeviceServiceClient(conn),
		vehicles:   trackingv1.NewVehicleServiceClient(conn),
	}
}

// there lets what exists already pass: the demonstration may be started again on
// the same data.
func there(err error) error {
	if status.Code(err) == codes.AlreadyExists {
		return nil
	}
	return err
}

// found builds the company: its places and its customers.
func (c *company) found(ctx context.Context) error {
	for _, f := range []struct {
		id, name, address string
		kind              crmv1.FacilityKind
	}{
		{"works", "苏州工厂", "苏州工业园区星湖街", crmv1.FacilityKind_FACILITY_KIND_FACTORY},
		{"warehouse", "昆山仓库", "昆山市前进东路", crmv1.FacilityKind_FACILITY_KIND_WAREHOUSE},
		{"hub", "嘉定转运中心", "上海市嘉定区曹安公路", crmv1.FacilityKind_FACILITY_KIND_HUB},
	} {
		_, err := c.facilities.CreateFacility(ctx, &crmv1.CreateFacilityRequest{FacilityId: f.id, Facility: &crmv1.Facility{
			DisplayName: f.name, Address: f.address, Kind: f.kind, Point: point(f.id),
		}})
		if there(err) != nil {
			return fmt.Errorf("found %s: %w", f.id, err)
		}
	}
	for id, name := range map[string]string{"optics": "光学装配 2 号工位", "final-test": "终检工位"} {
		_, err := c.facilities.CreateStation(ctx, &crmv1.CreateStationRequest{
			Parent: "facilities/works", StationId: id,
			Station: &crmv1.Station{DisplayName: name, Line: "2"},
		})
		if there(err) != nil {
			return fmt.Errorf("set up station %s: %w", id, err)
		}
	}
	for id, name := range map[string]string{"a-12": "A 区 12 排", "dock-3": "3 号月台"} {
		_, err := c.facilities.CreateStorageLocation(ctx, &crmv1.CreateStorageLocationRequest{
			Parent: "facilities/warehouse", StorageLocationId: id,
			StorageLocation: &crmv1.StorageLocation{DisplayName: name},
		})
		if there(err) != nil {
			return fmt.Errorf("set up storage location %s: %w", id, err)
		}
	}
	return c.win(ctx)
}

// customer of the company, with one site.
type customer struct {
	id, name, language, phone string
	site, siteName, address   string
}

// win adds the customers.
func (c *company) win(ctx context.Context) error {
	for _, w := range []customer{
		{"zhangjiang", "张江光学研究所", "zh", "+862150270000", "lab", "张江实验楼", "上海市浦东新区祖冲之路"},
		{"ruijin", "瑞安医院", "zh", "+862164370000", "hospital", "瑞安医院检验科", "上海市黄浦区瑞金二路"},
		{"xianlin", "Xianlin Materials", "en", "+862585890000", "nanjing", "Xianlin campus", "Wenyuan Road, Nanjing"},
		{"binjiang", "Binjiang Biotech", "en", "+8657187000000", "hangzhou", "Binjiang plant", "Jiangnan Avenue, Hangzhou"},
		{"xinwu", "新吴电子", "zh", "+8651085200000", "wuxi", "新吴一厂", "无锡市新吴区长江路"},
		{"yinzhou", "Yinzhou Marine", "en", "+8657488000000", "ningbo", "Yinzhou yard", "Tiantong Road, Ningbo"},
	} {
		_, err := c.customers.CreateCustomer(ctx, &crmv1.CreateCustomerRequest{CustomerId: w.id, Customer: &crmv1.Customer{
			DisplayName: w.name, Language: w.language, Phone: w.phone,
		}})
		if there(err) != nil {
			return fmt.Errorf("win %s: %w", w.id, err)
		}
		_, err = c.customers.CreateSite(ctx, &crmv1.CreateSiteRequest{Parent: "customers/" + w.id, SiteId: w.site, Site: &crmv1.Site{
			DisplayName: w.siteName, Address: w.address, Point: point(w.site),
		}})
		if there(err) != nil {
			return fmt.Errorf("win the site %s: %w", w.site, err)
		}
	}
	return nil
}

// unit fits a tracker to a truck and issues its password.
func (c *company) unit(ctx context.Context, id, name, plate, phone string, limits *trackingv1.DeviceLimits) (password string, err error) {
	_, err = c.devices.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: "unit-" + id, Device: &trackingv1.Device{
		DisplayName: "Unit " + id, Phone: phone, Limits: limits,
	}})
	if there(err) != nil {
		return "", fmt.Errorf("register unit-%s: %w", id, err)
	}
	_, err = c.vehicles.CreateVehicle(ctx, &trackingv1.CreateVehicleRequest{VehicleId: "truck-" + id, Vehicle: &trackingv1.Vehicle{
		DisplayName: name, Plate: plate,
	}})
	if err == nil {
		// Fitted a week ago, so that what happened before the start has a truck.
		_, err = c.vehicles.FitDevice(ctx, &trackingv1.FitDeviceRequest{
			Vehicle: "vehicles/truck-" + id, Device: "devices/unit-" + id, FromTime: timestamppb.New(time.Now().AddDate(0, 0, -7)),
		})
	}
	if there(err) != nil {
		return "", fmt.Errorf("fit unit-%s: %w", id, err)
	}
	issued, err := c.devices.RotateDeviceCredential(ctx, &trackingv1.RotateDeviceCredentialRequest{Name: "devices/unit-" + id})
	if err != nil {
		return "", fmt.Errorf("issue a password for unit-%s: %w", id, err)
	}
	return issued.GetPassword(), nil
}

func point(place string) *geov1.Point {
	p := places()[place]
	return &geov1.Point{Longitude: p.Lon(), Latitude: p.Lat()}
}
