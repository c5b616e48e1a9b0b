package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/internal/rpcerr"
)

func TestRefusalsOfAServerSayWhatToDo(t *testing.T) {
	t.Parallel()
	r := remote{Server: "127.0.0.1:9090"}
	for want, err := range map[string]error{
		"body: write something": rpcerr.Invalid(rpcerr.Field("body", "write something")),
		"no server answers at 127.0.0.1:9090; start it, or say where it is with --server": status.Error(codes.Unavailable, "connection refused"),
		"try again":                     rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "try again"),
		"does not run the crm role":     status.Error(codes.Unimplemented, "unknown service"),
		"waybill token create":          rpcerr.New(codes.Unauthenticated, "TOKEN_INVALID", "no such token"),
		"it could not be written":       errors.New("it could not be written"),
		"customers/acme was not found;": rpcerr.NotFound("customers/acme"),
	} {
		got := r.refused(err, "crm").Error()
		require.Contains(t, got, want)
		if want != "no server answers at 127.0.0.1:9090; start it, or say where it is with --server" {
			require.NotContains(t, got, "rpc error")
			require.NotContains(t, got, "no server answers")
		}
	}
}

func TestMistakesThatNeedNoServerAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--number +8613800138000": {"customer", "interactions", "+8613800138000"},
		"no senders with names":   {"modem", "text", "/dev/null", "--from", "ALIPAY", "hello"},
		`--from "" is no number`:  {"modem", "text", "/dev/null", "--from", "", "hello"},
		"as in for=20s":           {"modem", "fault", "/dev/null", "hang,for=abc"},
		"give a --token":          {"customer", "opt-out", "--token", ""},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(t.Context(), args, &out, &errs), args)
		require.Contains(t, errs.String(), want)
	}
}
