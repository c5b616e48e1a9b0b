package rpc

import (
	"context"

	"waybill/crm"
	"waybill/crm/customer"
	"waybill/internal/updatemask"
	crmv1 "waybill/proto/waybill/crm/v1"
)

const contactPattern = "customers/*/contacts/*"

// CreateContact implements the contract.
func (s *Customers) CreateContact(ctx context.Context, r *crmv1.CreateContactRequest) (*crmv1.CreateContactResponse, error) {
	if err := checkRequest(r.GetRequestId()); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	parent, err := s.customer(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	c := r.GetContact()
	made, err := s.store.CreateContact(ctx, customer.Contact{
		Customer: parent.ID, ID: r.GetContactId(), DisplayName: c.GetDisplayName(),
		Phone: c.GetPhone(), Email: c.GetEmail(), Language: c.GetLanguage(),
	}, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateContactResponse{Contact: contactOf(made)}, nil
}

// ListContacts implements the contract.
func (s *Customers) ListContacts(ctx context.Context, r *crmv1.ListContactsRequest) (*crmv1.ListContactsResponse, error) {
	parent, err := s.customer(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.Contacts(ctx, parent.ID, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListContactsResponse{Contacts: each(page, contactOf), NextPageToken: next}, nil
}

// UpdateContact implements the contract.
func (s *Customers) UpdateContact(ctx context.Context, r *crmv1.UpdateContactRequest) (*crmv1.UpdateContactResponse, error) {
	given := r.GetContact()
	ids, err := parse("contact.name", contactPattern, given.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	mask, err := updatemask.Fields(given, r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"display_name", "phone", "email", "language"}})
	if err == nil {
		err = sees(ctx, ids[0], given.GetName())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	changed, err := s.store.UpdateContact(ctx, ids[0], ids[1], func(c *customer.Contact) error {
		set(mask["display_name"], &c.DisplayName, given.GetDisplayName())
		set(mask["phone"], &c.Phone, given.GetPhone())
		set(mask["email"], &c.Email, given.GetEmail())
		set(mask["language"], &c.Language, given.GetLanguage())
		return nil
	})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.UpdateContactResponse{Contact: contactOf(changed)}, nil
}

// DeleteContact implements the contract.
func (s *Customers) DeleteContact(ctx context.Context, r *crmv1.DeleteContactRequest) (*crmv1.DeleteContactResponse, error) {
	ids, err := parse("name", contactPattern, r.GetName())
	if err == nil {
		err = sees(ctx, ids[0], r.GetName())
	}
	if err == nil {
		err = s.store.DeleteContact(ctx, ids[0], ids[1])
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.DeleteContactResponse{}, nil
}

func contactOf(c customer.Contact) *crmv1.Contact {
	return &crmv1.Contact{
		Name: crm.ContactName(c.Customer, c.ID), DisplayName: c.DisplayName, Phone: c.Phone, Email: c.Email, Language: c.Language,
	}
}
