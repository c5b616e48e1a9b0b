package rpc

import (
	"context"
	"log/slog"

	"waybill/crm"
	"waybill/crm/customer"
	"waybill/internal/updatemask"
	crmv1 "waybill/proto/waybill/crm/v1"
)

const customerPattern = "customers/*"

// Customers is the server of customers with their contacts and sites.
type Customers struct {
	crmv1.UnimplementedCustomerServiceServer
	store  *customer.Store
	logger *slog.Logger
}

// NewCustomers makes the server.
func NewCustomers(store *customer.Store, logger *slog.Logger) *Customers {
	return &Customers{store: store, logger: logger}
}

// CreateCustomer implements the contract.
func (s *Customers) CreateCustomer(ctx context.Context, r *crmv1.CreateCustomerRequest) (*crmv1.CreateCustomerResponse, error) {
	if err := checkRequest(r.GetRequestId()); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	c := r.GetCustomer()
	made, err := s.store.Create(ctx, customer.Customer{
		ID: r.GetCustomerId(), DisplayName: c.GetDisplayName(), Language: c.GetLanguage(), Phone: c.GetPhone(), Email: c.GetEmail(),
	}, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateCustomerResponse{Customer: customerOf(made)}, nil
}

// GetCustomer implements the contract.
func (s *Customers) GetCustomer(ctx context.Context, r *crmv1.GetCustomerRequest) (*crmv1.GetCustomerResponse, error) {
	found, err := s.customer(ctx, "name", r.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.GetCustomerResponse{Customer: customerOf(found)}, nil
}

// customer reads the customer with the resource name, if the caller may see it.
func (s *Customers) customer(ctx context.Context, field, name string) (customer.Customer, error) {
	ids, err := parse(field, customerPattern, name)
	if err != nil {
		return customer.Customer{}, err
	}
	if err := sees(ctx, ids[0], name); err != nil {
		return customer.Customer{}, err
	}
	return s.store.Get(ctx, ids[0])
}

// ListCustomers implements the contract.
func (s *Customers) ListCustomers(ctx context.Context, r *crmv1.ListCustomersRequest) (*crmv1.ListCustomersResponse, error) {
	only, err := narrow(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := s.store.List(ctx, only, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListCustomersResponse{Customers: each(page, customerOf), NextPageToken: next}, nil
}

// UpdateCustomer implements the contract.
func (s *Customers) UpdateCustomer(ctx context.Context, r *crmv1.UpdateCustomerRequest) (*crmv1.UpdateCustomerResponse, error) {
	given := r.GetCustomer()
	ids, err := parse("customer.name", customerPattern, given.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	mask, err := updatemask.Fields(given, r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"display_name", "language", "phone", "email"}})
	if err == nil {
		err = sees(ctx, ids[0], given.GetName())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	changed, err := s.store.Update(ctx, ids[0], func(c *customer.Customer) error {
		set(mask["display_name"], &c.DisplayName, given.GetDisplayName())
		set(mask["language"], &c.Language, given.GetLanguage())
		set(mask["phone"], &c.Phone, given.GetPhone())
		set(mask["email"], &c.Email, given.GetEmail())
		return nil
	})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.UpdateCustomerResponse{Customer: customerOf(changed)}, nil
}

func customerOf(c customer.Customer) *crmv1.Customer {
	return &crmv1.Customer{
		Name: crm.CustomerName(c.ID), DisplayName: c.DisplayName, Language: c.Language, Phone: c.Phone, Email: c.Email,
		CreateTime: stamp(c.CreateTime), UpdateTime: stamp(c.UpdateTime),
	}
}

// set gives the field the value if it is to be changed.
func set[T any](change bool, field *T, value T) {
	if change {
		*field = value
	}
}

// each converts all of a list.
func each[A, B any](list []A, convert func(A) B) []B {
	converted := make([]B, 0, len(list))
	for _, v := range list {
		converted = append(converted, convert(v))
	}
	return converted
}
