package rpc

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/crm"
)

// masked says which of the fields that can be changed are to be. `*` means all of
// them, and no mask all that the message has (AIP-134). A path into a field, such as
// `point.longitude`, means the whole field.
func masked(mask *fieldmaskpb.FieldMask, message proto.Message, changeable ...string) (map[string]bool, error) {
	change := make(map[string]bool)
	if len(mask.GetPaths()) == 0 {
		message.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
			if slices.Contains(changeable, string(field.Name())) {
				change[string(field.Name())] = true
			}
			return true
		})
		return change, nil
	}
	for _, path := range mask.GetPaths() {
		field, _, _ := strings.Cut(path, ".")
		switch {
		case field == "*":
			for _, f := range changeable {
				change[f] = true
			}
		case field == "name": // it says which resource; clients send it along
		case !slices.Contains(changeable, field):
			return nil, crm.Invalid("update_mask", field+" can't be changed; use "+strings.Join(changeable, ", "))
		default:
			change[field] = true
		}
	}
	return change, nil
}
