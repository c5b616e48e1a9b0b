// Package crmhttp is Waybill's HTTP face: the pages, REST over the gRPC API, live
// streams as Server-Sent Events, and track files.
//
// A holder of a tracking link sees one order by it and nothing else: what such a
// caller is told is built field by field in this package. Everybody else is who
// their token says, in an Authorization header or in the cookie that signing in
// sets; both reach the gRPC servers as they are, and those decide.
package crmhttp
