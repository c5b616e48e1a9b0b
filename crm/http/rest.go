package crmhttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"waybill/internal/rpcerr"
)

// NewREST returns a mux for the services' REST handlers. It passes on who calls and
// nothing else of a request's headers, refuses fields that a message doesn't have
// (mostly slips of the pen), and answers what is wrong as the gRPC servers do.
func NewREST() *runtime.ServeMux {
	return runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, strictJSON{&runtime.JSONPb{
			MarshalOptions: protojson.MarshalOptions{EmitUnpopulated: true},
		}}),
		// grpc-gateway passes Authorization on by itself.
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithErrorHandler(func(
			_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error,
		) {
			writeError(w, err)
		}),
		runtime.WithRoutingErrorHandler(func(
			_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int,
		) {
			writeRoutingError(w, r, code)
		}),
	)
}

// writeRoutingError answers a request that no method is for.
func writeRoutingError(w http.ResponseWriter, r *http.Request, code int) {
	const see = "; /openapi.json lists the paths with their methods"
	switch code {
	case http.StatusNotFound:
		writeError(w, rpcerr.New(codes.NotFound, "PATH_NOT_FOUND", "the API has no such path"+see))
	case http.StatusMethodNotAllowed:
		writeStatus(w, code, rpcerr.New(codes.Unimplemented, "HTTP_METHOD_NOT_ALLOWED", "this path doesn't know "+r.Method+see))
	default:
		writeError(w, rpcerr.New(codes.InvalidArgument, "INVALID_ARGUMENT", "the path can't be read; escape what is special in it"))
	}
}

// strictJSON reads messages and says what is wrong with one.
type strictJSON struct{ *runtime.JSONPb }

// Unmarshal reads a message.
func (j strictJSON) Unmarshal(data []byte, v any) error { return readable(j.JSONPb.Unmarshal(data, v)) }

// NewDecoder reads messages one after the other.
func (j strictJSON) NewDecoder(r io.Reader) runtime.Decoder {
	decoder := j.JSONPb.NewDecoder(r)
	return runtime.DecoderFunc(func(v any) error { return readable(decoder.Decode(v)) })
}

// readable says in our words why a body can't be read. io.EOF stays: no body at all
// is an empty message.
func readable(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.As(err, &large):
		return fmt.Errorf("%sit is larger than %d bytes; send less at once", inBody, large.Limit)
	}
	// protojson mixes in spaces of two kinds at random, so that nobody relies on its words.
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	return fmt.Errorf("%s%s; /openapi.json has the fields and what they hold", inBody, strings.TrimPrefix(text, "proto: "))
}

// inBody marks what readable said; generated handlers keep only the text of an error.
const inBody = "body: "

// explained gives an error that was made on the way to a gRPC server the details that
// theirs have, and takes addresses inside out of it.
func explained(err error) error {
	s := status.Convert(err)
	switch {
	case len(s.Details()) > 0:
		return err
	case s.Code() == codes.Canceled:
		return rpcerr.From(context.Canceled)
	case s.Code() == codes.DeadlineExceeded:
		return rpcerr.From(context.DeadlineExceeded)
	case s.Code() == codes.Unavailable:
		return rpcerr.New(codes.Unavailable, "ROLE_UNAVAILABLE", "a part of Waybill doesn't answer at the moment; try again in a while")
	case s.Code() == codes.ResourceExhausted:
		return rpcerr.New(codes.ResourceExhausted, "TOO_LARGE", "the answer is too large; ask for a smaller page")
	case s.Code() != codes.InvalidArgument:
		return err
	}
	if text, ok := strings.CutPrefix(s.Message(), inBody); ok {
		return rpcerr.Invalid(rpcerr.Field("body", text))
	}
	if parts := unparsed().FindStringSubmatch(s.Message()); parts != nil {
		return rpcerr.Invalid(rpcerr.Field(parts[1], parameter(parts[1], parts[2])))
	}
	return rpcerr.Invalid(rpcerr.Field("request", s.Message()))
}

// parameter says what to do about a parameter of the query that can't be read for the
// reason that Go gives.
func parameter(name, reason string) string {
	_, quoted, _ := strings.Cut(reason, `"`)
	value, _, _ := strings.Cut(quoted, `"`)
	switch {
	case strings.Contains(reason, "unsupported message type"):
		return "give its parts one by one, as " + name + ".PART=VALUE; /openapi.json has them"
	case strings.Contains(reason, "parsing time"):
		return fmt.Sprintf("%q is not a time; write one like 2026-03-04T00:00:00Z", value)
	}
	return fmt.Sprintf("%q can't be read; /openapi.json says what it holds", value)
}

// unparsed is how grpc-gateway speaks of a parameter of the query.
func unparsed() *regexp.Regexp { return regexp.MustCompile(`^parsing (?:field|list) "([^"]+)": (.*)$`) }
