package facility

import "waybill/crm"

// Kind is what a facility is for.
type Kind string

// The kinds.
const (
	Factory   Kind = "factory"
	Warehouse Kind = "warehouse"
	Hub       Kind = "hub"
)

// Facility is a place of our own.
type Facility struct {
	ID          string
	DisplayName string
	Kind        Kind
	Address     string
	Ground      crm.Ground
}

// Station is a work station on a production line.
type Station struct {
	Facility    string
	ID          string
	DisplayName string
	// Line is the line it stands on, in words.
	Line string
}

// StorageLocation is where a warehouse keeps things: a bay, a rack, a bin.
type StorageLocation struct {
	Facility    string
	ID          string
	DisplayName string
}

const (
	maxText    = 500
	maxAddress = 2000
)

func (f Facility) check(c *crm.Checks) {
	checkName(c, "facility", f.DisplayName)
	c.That(f.Kind == Factory || f.Kind == Warehouse || f.Kind == Hub, "facility.kind", "say what it is for: factory, warehouse or hub")
	c.That(len(f.Address) <= maxAddress, "facility.address", "use at most 2000 bytes")
	f.Ground.Check(c, "facility")
}

func checkName(c *crm.Checks, field, name string) {
	c.That(name != "" && len(name) <= maxText, field+".display_name", "give a name of at most 500 bytes")
}
