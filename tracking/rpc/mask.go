package rpc

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/internal/rpcerr"
)

// maskOf is the set of the changeable fields that an update mask names (AIP-134):
// without a mask those that are set, with "*" all of them. Fields that are read only
// are passed over, so that a client may send back what it got. A path into a field
// names the whole field.
func maskOf(resource proto.Message, mask *fieldmaskpb.FieldMask, changeable ...string) (map[string]bool, error) {
	message := resource.ProtoReflect()
	fields := message.Descriptor().Fields()
	named := make(map[string]bool)
	if len(mask.GetPaths()) == 0 {
		for _, name := range changeable {
			named[name] = message.Has(fields.ByName(protoreflect.Name(name)))
		}
		return named, nil
	}
	for _, path := range mask.GetPaths() {
		first, _, _ := strings.Cut(path, ".")
		switch {
		case path == "*":
			for _, name := range changeable {
				named[name] = true
			}
		case slices.Contains(changeable, first):
			named[first] = true
		case fields.ByName(protoreflect.Name(first)) == nil:
			return nil, rpcerr.Invalid(rpcerr.Field("update_mask", fmt.Sprintf(
				"%q is not a field of %s; name some of: %s", path, message.Descriptor().Name(), strings.Join(changeable, ", "))))
		}
	}
	return named, nil
}
