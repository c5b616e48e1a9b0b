// Package updatemask says which fields an update is to change (AIP-134).
package updatemask

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/internal/rpcerr"
)

// Rules say what may be changed of a kind of resource, by the names in its message.
// What is in neither list is for reading only, and is passed over in a mask: so a
// client may send back what it got.
type Rules struct {
	Changeable []string
	// Fixed is what a client chooses once. A mask that names it is refused, because
	// nothing would change although the client meant it to.
	Fixed []string
}

// Fields is the set of those that may be changed and that the mask names: by path,
// where a path into a field means the whole field, or with "*" all of them. Without a
// mask it is those that the resource has. The error is one of the API.
func Fields(resource proto.Message, mask *fieldmaskpb.FieldMask, rules Rules) (map[string]bool, error) {
	message := resource.ProtoReflect()
	fields := message.Descriptor().Fields()
	named := make(map[string]bool, len(rules.Changeable))
	if len(mask.GetPaths()) == 0 {
		for _, name := range rules.Changeable {
			named[name] = message.Has(fields.ByName(protoreflect.Name(name)))
		}
		return named, nil
	}
	for _, path := range mask.GetPaths() {
		first, _, _ := strings.Cut(path, ".")
		field := fields.ByName(protoreflect.Name(first))
		if field == nil {
			field = fields.ByJSONName(first)
		}
		switch {
		case path == "": // what an empty body comes to
		case path == "*":
			for _, name := range rules.Changeable {
				named[name] = true
			}
		case field == nil:
			return nil, refused("%q is not a field of %s; name some of: %s", path, message.Descriptor().Name(), rules)
		case slices.Contains(rules.Fixed, string(field.Name())):
			return nil, refused("%q of %s can't be changed; name some of: %s", path, message.Descriptor().Name(), rules)
		case slices.Contains(rules.Changeable, string(field.Name())):
			named[string(field.Name())] = true
		}
	}
	return named, nil
}

func refused(format, path string, kind protoreflect.Name, rules Rules) error {
	return rpcerr.Invalid(rpcerr.Field("update_mask", fmt.Sprintf(format, path, kind, strings.Join(rules.Changeable, ", "))))
}
