package rpc

import (
	"strings"

	"waybill/internal/rpcerr"
	"waybill/tracking"
)

// Collections of resource names (AIP-122).
const (
	devices  = "devices"
	vehicles = "vehicles"
	zones    = "zones"
	alerts   = "alerts"
)

// resourceName is the name of what has the uid, and empty without one.
func resourceName(collection, uid string) string {
	if uid == "" {
		return ""
	}
	return collection + "/" + uid
}

// uidOf reads a resource name that stands in the field.
func uidOf(collection, field, name string) (string, error) {
	uid, ok := strings.CutPrefix(name, collection+"/")
	if !ok || tracking.CheckUID(field, uid) != nil {
		return "", rpcerr.Invalid(rpcerr.Field(field, "give a name like "+collection+"/abc"))
	}
	return uid, nil
}
