package crmhttp

import (
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"waybill/internal/rpcerr"
)

// writeError answers with an error of the API in the shape that REST has for it: the
// canonical code, the message, and the details.
func writeError(w http.ResponseWriter, err error) {
	err = explained(rpcerr.From(err))
	writeStatus(w, runtime.HTTPStatusFromCode(status.Code(err)), err)
}

// writeStatus answers as writeError does, with an HTTP status that the code alone
// doesn't say.
func writeStatus(w http.ResponseWriter, code int, err error) {
	s := status.Convert(err)
	body, marshalErr := protojson.Marshal(s.Proto())
	if marshalErr != nil {
		// Details of a type that this binary does not know: the rest says enough.
		body = []byte(`{"code":13,"message":"something went wrong on our side"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if s.Code() == codes.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(code)
	_, _ = w.Write(body) //nolint:gosec // JSON, which nosniff keeps browsers from taking for a page.
}
