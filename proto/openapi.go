// Package proto holds the contracts of Waybill: one folder an area and version,
// with the generated code beside each, and the REST document made from them.
package proto

import _ "embed"

//go:embed openapi.swagger.json
var openapi []byte

// OpenAPI returns the document (OpenAPI 2.0, JSON) of the REST paths.
func OpenAPI() []byte { return openapi }
