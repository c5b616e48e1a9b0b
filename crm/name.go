package crm

import (
	"crypto/rand"
	"strings"
)

const (
	maxID       = 63
	generatedID = 20
)

// ParseName takes a resource name apart by its pattern: the ids that stand where the
// pattern has `*`. It is false for a name of another form.
func ParseName(pattern, name string) (ids []string, ok bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(name, "/")
	if len(want) != len(have) {
		return nil, false
	}
	for i, word := range want {
		switch {
		case word == "*" && (ValidID(have[i]) || ValidOrderID(have[i])):
			ids = append(ids, have[i])
		case word != have[i]:
			return nil, false
		}
	}
	return ids, true
}

// ValidID says whether the id is a lower-case letter or digit with up to 62 letters,
// digits or hyphens after it.
func ValidID(id string) bool {
	if id == "" || len(id) > maxID || id[0] == '-' {
		return false
	}
	return only(id, func(c rune) bool { return lower(c) || digit(c) || c == '-' })
}

// ValidOrderID says whether the id can be an order's number: up to 63 letters,
// digits, `-`, `_` and `.`, with a letter or digit in front.
func ValidOrderID(id string) bool {
	if id == "" || len(id) > maxID || strings.ContainsRune("-_.", rune(id[0])) {
		return false
	}
	return only(id, func(c rune) bool {
		return lower(c) || c >= 'A' && c <= 'Z' || digit(c) || strings.ContainsRune("-_.", c)
	})
}

// NewID makes up an id of 100 random bits.
func NewID() string { return strings.ToLower(rand.Text()[:generatedID]) }

// IDHelp says what an id looks like.
const IDHelp = "use up to 63 lower-case letters, digits and hyphens, not a hyphen first, or leave it empty to have one made up"

// CheckID notes an id that the client chose as wrong, and makes one up when it is
// empty.
func CheckID(c *Checks, field, id string) string {
	if id == "" {
		return NewID()
	}
	c.That(ValidID(id), field, IDHelp)
	return id
}

func only(s string, allowed func(rune) bool) bool {
	return strings.IndexFunc(s, func(c rune) bool { return !allowed(c) }) < 0
}

func lower(c rune) bool { return c >= 'a' && c <= 'z' }

func digit(c rune) bool { return c >= '0' && c <= '9' }

// CustomerName is the resource name of a customer.
func CustomerName(customer string) string { return "customers/" + customer }

// ContactName is the resource name of a contact.
func ContactName(customer, contact string) string {
	return CustomerName(customer) + "/contacts/" + contact
}

// SiteName is the resource name of a customer's site.
func SiteName(customer, site string) string { return CustomerName(customer) + "/sites/" + site }

// FacilityName is the resource name of a facility.
func FacilityName(facility string) string { return "facilities/" + facility }

// StationName is the resource name of a station.
func StationName(facility, station string) string {
	return FacilityName(facility) + "/stations/" + station
}

// StorageLocationName is the resource name of a storage location.
func StorageLocationName(facility, location string) string {
	return FacilityName(facility) + "/storageLocations/" + location
}

// VehicleName is the resource name of a vehicle, which tracking knows by its uid.
func VehicleName(uid string) string { return "vehicles/" + uid }

// OrderName is the resource name of an order.
func OrderName(order string) string { return "orders/" + order }

// ShipmentName is the resource name of a shipment.
func ShipmentName(order, shipment string) string {
	return OrderName(order) + "/shipments/" + shipment
}

// LinkName is the resource name of a tracking link.
func LinkName(order, link string) string { return OrderName(order) + "/trackingLinks/" + link }
