package updatemask_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/internal/updatemask"
	crmv1 "waybill/proto/waybill/crm/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

func TestFields(t *testing.T) {
	t.Parallel()
	rules := updatemask.Rules{Changeable: []string{"reference", "promised_window"}, Fixed: []string{"customer"}}
	resource := &crmv1.Order{Name: "orders/x", Reference: "PO-1", Customer: "customers/acme"}
	for name, c := range map[string]struct {
		paths []string
		want  []string
	}{
		"no mask":              {nil, []string{"reference"}},
		"all":                  {[]string{"*"}, []string{"reference", "promised_window"}},
		"an empty body":        {[]string{""}, nil},
		"named":                {[]string{"promised_window"}, []string{"promised_window"}},
		"as JSON has it":       {[]string{"promisedWindow"}, []string{"promised_window"}},
		"into a field":         {[]string{"promised_window.start_time", "promisedWindow.endTime"}, []string{"promised_window"}},
		"read only is skipped": {[]string{"name", "status", "create_time", "reference"}, []string{"reference"}},
	} {
		named, err := updatemask.Fields(resource, &fieldmaskpb.FieldMask{Paths: c.paths}, rules)
		require.NoError(t, err, name)
		var got []string
		for field, is := range named {
			if is {
				got = append(got, field)
			}
		}
		require.ElementsMatch(t, c.want, got, name)
	}
	for _, path := range []string{"customer", "nothing", "nothing.at_all"} {
		_, err := updatemask.Fields(resource, &fieldmaskpb.FieldMask{Paths: []string{path}}, rules)
		require.Equal(t, codes.InvalidArgument, status.Code(err), path)
		require.ErrorContains(t, err, "name some of: reference, promised_window", path)
	}
	_, err := updatemask.Fields(resource, &fieldmaskpb.FieldMask{Paths: []string{"promised_window.start_time"}}, rules)
	require.ErrorContains(t, err, "give promised_window.end_time as well")
	zone := updatemask.Rules{Changeable: []string{"area"}}
	_, err = updatemask.Fields(&trackingv1.Zone{}, &fieldmaskpb.FieldMask{Paths: []string{"area.circle.radius"}}, zone)
	require.NoError(t, err, "an area has one shape")
}
