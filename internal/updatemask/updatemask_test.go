package updatemask_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/typepb"

	"waybill/internal/updatemask"
)

func TestFields(t *testing.T) {
	t.Parallel()
	rules := updatemask.Rules{Changeable: []string{"type_url", "default_value"}, Fixed: []string{"number"}}
	resource := &typepb.Field{Name: "fields/x", TypeUrl: "url", Number: 7}
	for name, c := range map[string]struct {
		paths []string
		want  []string
	}{
		"no mask":              {nil, []string{"type_url"}},
		"all":                  {[]string{"*"}, []string{"type_url", "default_value"}},
		"an empty body":        {[]string{""}, nil},
		"named":                {[]string{"default_value"}, []string{"default_value"}},
		"as JSON has it":       {[]string{"typeUrl"}, []string{"type_url"}},
		"read only is skipped": {[]string{"name", "kind", "type_url"}, []string{"type_url"}},
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
	for _, path := range []string{"number", "nothing", "nothing.at_all"} {
		_, err := updatemask.Fields(resource, &fieldmaskpb.FieldMask{Paths: []string{path}}, rules)
		require.Equal(t, codes.InvalidArgument, status.Code(err), path)
		require.ErrorContains(t, err, "name some of: type_url, default_value", path)
	}
}

func TestAFieldChangesAsAWhole(t *testing.T) {
	t.Parallel()
	rules := updatemask.Rules{Changeable: []string{"retry_delay"}}
	for _, whole := range [][]string{{"retry_delay"}, {"retryDelay.seconds", "retry_delay.nanos"}, {"retry_delay.seconds", "retry_delay"}} {
		named, err := updatemask.Fields(&errdetails.RetryInfo{}, &fieldmaskpb.FieldMask{Paths: whole}, rules)
		require.NoError(t, err, whole)
		require.True(t, named["retry_delay"], whole)
	}
	_, err := updatemask.Fields(&errdetails.RetryInfo{}, &fieldmaskpb.FieldMask{Paths: []string{"retry_delay.seconds"}}, rules)
	require.ErrorContains(t, err, "give retry_delay.nanos as well")
}
