package text

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// owner is a customer whose number it is, or one of whose contacts'.
type owner struct{ customer, contact string }

// owners are all whose number it is, contacts first.
type owners []owner

// owners finds whose number it is.
func (d *Desk) owners(ctx context.Context, number string) (owners, error) {
	// The indexes that find the end of a number find all of it, too.
	rows, err := d.Pool.Query(ctx, `
		select customer, id from crm.contact where phone <> '' and reverse(phone) = reverse($1)
		union all
		select id, '' from crm.customer where phone <> '' and reverse(phone) = reverse($1)`, number)
	if err != nil {
		return nil, fmt.Errorf("find whose a number is: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (owner, error) {
		var o owner
		return o, row.Scan(&o.customer, &o.contact)
	})
	if err != nil {
		return nil, fmt.Errorf("find whose a number is: %w", err)
	}
	return found, nil
}

// one is the customer, with the contact, to whom a text belongs: the only one whose
// number it is, or of several the one that it is about. Else it is nobody's alone.
func (o owners) one(about string) (customer, contact string) {
	alone := len(o) > 0
	for _, owner := range o {
		if owner.customer == about {
			return owner.customer, owner.contact
		}
		alone = alone && owner.customer == o[0].customer
	}
	if alone {
		return o[0].customer, o[0].contact
	}
	return "", ""
}
