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

// Fields is the set of those that may be changed and that the mask names, or with "*"
// all of them. Without a mask it is those that the resource has.
//
// A field changes as a whole. Paths into it have to name all that it has: half a point
// would put the rest of it to zero. The error is one of the API.
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
		first, _, inside := strings.Cut(path, ".")
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
			return nil, refused("%q of %s can't be changed, leave it out; name some of: %s", path, message.Descriptor().Name(), rules)
		case slices.Contains(rules.Changeable, string(field.Name())):
			named[string(field.Name())] = true
			if missing := left(field, mask); inside && missing != "" {
				return nil, rpcerr.Invalid(rpcerr.Field("update_mask", fmt.Sprintf(
					"%s changes as a whole: give %s.%s as well", first, first, missing)))
			}
		}
	}
	return named, nil
}

// left is a part of a field that the mask, which has paths into the field, doesn't
// name; empty when it names all. Of parts that exclude each other there is only one.
func left(field protoreflect.FieldDescriptor, mask *fieldmaskpb.FieldMask) string {
	if field.Kind() != protoreflect.MessageKind || field.IsMap() || field.IsList() {
		return ""
	}
	parts := field.Message().Fields()
	for i := range parts.Len() {
		part := parts.Get(i)
		if part.ContainingOneof() == nil && !slices.ContainsFunc(mask.GetPaths(), func(path string) bool { return covers(path, field, part) }) {
			return string(part.Name())
		}
	}
	return ""
}

// covers says whether the path names the field, or that part of it.
func covers(path string, field, part protoreflect.FieldDescriptor) bool {
	words := strings.SplitN(path, ".", 3)
	return is(field, words[0]) && (len(words) == 1 || is(part, words[1]))
}

func is(field protoreflect.FieldDescriptor, name string) bool {
	return string(field.Name()) == name || field.JSONName() == name
}

func refused(format, path string, kind protoreflect.Name, rules Rules) error {
	return rpcerr.Invalid(rpcerr.Field("update_mask", fmt.Sprintf(format, path, kind, strings.Join(rules.Changeable, ", "))))
}
