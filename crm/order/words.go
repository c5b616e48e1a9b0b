package order

import (
	"fmt"
	"slices"
	"strings"

	"waybill/crm"
)

// Steps of business that we record (CBV 2.0, 7.1).
const (
	Commissioning = "commissioning"
	Inspecting    = "inspecting"
	Storing       = "storing"
	Picking       = "picking"
	Packing       = "packing"
	Loading       = "loading"
	Departing     = "departing"
	Transporting  = "transporting"
	Arriving      = "arriving"
	Unloading     = "unloading"
	Accepting     = "accepting"
	Installing    = "installing"
	Shipping      = "shipping"
	Receiving     = "receiving"
)

// Dispositions that mean something to us (CBV 2.0, 7.2).
const (
	Active               = "active"
	Conformant           = "conformant"
	NonConformant        = "non_conformant"
	Damaged              = "damaged"
	SellableInaccessible = "sellable_not_accessible"
	SellableAccessible   = "sellable_accessible"
	Available            = "available"
	InProgress           = "in_progress"
	InTransit            = "in_transit"
	CompletenessVerified = "completeness_verified"
	MismatchQuantity     = "mismatch_quantity"
	MismatchInstance     = "mismatch_instance"
	ReturnedGoods        = "returned"
)

// DidNotOccur is the reason of an error declaration for what turned out not to have
// happened (CBV 2.0, 7.5).
const DidNotOccur = "did_not_occur"

// need says whether a step goes with something.
type need uint8

const (
	never need = iota
	maybe
	must
)

// step is what goes with a step of business.
type step struct {
	name string
	// dispositions are the accepted ones; the first is implied when none is given.
	dispositions []string
	// places are the kinds of read points that are accepted.
	places []crm.PlaceKind
	place  need
	// toSite says that an absent read point means the order's destination.
	toSite  bool
	vehicle need
}

// steps is in the order in which a shipment goes through them.
func steps() []step {
	inside := []crm.PlaceKind{crm.Station, crm.StorageLocation, crm.Facility}
	ground := []crm.PlaceKind{crm.Facility, crm.Site}
	anywhere := []crm.PlaceKind{crm.Station, crm.StorageLocation, crm.Facility, crm.Site}
	site := []crm.PlaceKind{crm.Site}
	return []step{
		{name: Commissioning, dispositions: []string{Active}, places: []crm.PlaceKind{crm.Station}, place: must},
		{name: Inspecting, dispositions: []string{Conformant, NonConformant, Damaged}, places: anywhere, place: maybe, vehicle: maybe},
		{
			name: Storing, dispositions: []string{SellableInaccessible, SellableAccessible, Available, Damaged, ReturnedGoods},
			places: []crm.PlaceKind{crm.StorageLocation}, place: must,
		},
		{name: Picking, dispositions: []string{InProgress}, places: inside, place: must},
		{name: Packing, dispositions: []string{InProgress}, places: inside, place: must},
		{name: Loading, dispositions: []string{InProgress, Damaged, ReturnedGoods}, places: anywhere, place: maybe, vehicle: must},
		{name: Departing, dispositions: []string{InTransit}, places: ground, place: maybe, vehicle: maybe},
		{name: Transporting, dispositions: []string{InTransit, Damaged}, places: ground, place: maybe, vehicle: maybe},
		{name: Arriving, dispositions: []string{InProgress}, places: ground, place: maybe, toSite: true, vehicle: maybe},
		{name: Unloading, dispositions: []string{InProgress, Damaged}, places: anywhere, place: must, vehicle: maybe},
		{
			name: Accepting, dispositions: []string{CompletenessVerified, MismatchQuantity, MismatchInstance, Damaged},
			places: site, place: must, toSite: true,
		},
		{name: Installing, dispositions: []string{Active}, places: site, place: must, toSite: true},
		{name: Shipping, dispositions: []string{InTransit, ReturnedGoods}, places: anywhere, place: maybe, vehicle: must},
		{
			name: Receiving, dispositions: []string{InProgress, ReturnedGoods, Damaged},
			places: []crm.PlaceKind{crm.Facility, crm.StorageLocation}, place: must,
		},
	}
}

func findStep(name string) (step, bool) {
	all := steps()
	i := slices.IndexFunc(all, func(s step) bool { return s.name == name })
	if i < 0 {
		return step{}, false
	}
	return all[i], true
}

func stepNames() string {
	var names []string
	for _, s := range steps() {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

func (s step) placeHelp() string {
	var kinds []string
	for _, k := range s.places {
		kinds = append(kinds, k.String())
	}
	return fmt.Sprintf("%s happens at a %s: give its resource name", s.name, strings.Join(kinds, " or a "))
}
