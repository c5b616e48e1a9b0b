// Package e2e has the tests of Waybill as its users have it: the built program,
// its own PostgreSQL, and the clients that people use (mosquitto_pub, grpcurl,
// curl, gammu, a browser). With -split the same tests run against three processes,
// one role each.
package e2e
