// Package pgcluster runs a private PostgreSQL + PostGIS for one Waybill data
// directory, from the machine's own binaries.
//
// Inside the data directory it keeps
//
//	waybill.lock   held by the one process that owns the cluster
//	users.lock     held, shared, by commands that use the cluster for a moment
//	postgres/      the cluster itself
//	socket/        where it listens (never on TCP)
//	postgres.log   what PostgreSQL has to say
//
// [Open] owns the cluster: it initialises it once, starts it or adopts the one
// that a killed owner left running, restarts it when it dies, and stops it on
// Close. [Attach] borrows it, or owns it for a moment when nobody does.
// [StartTemporary] makes one that ends with the process, for tests.
//
// PostgreSQL refuses to run as root, so for root the cluster belongs to the user
// postgres, or else nobody; the data directory has to be reachable for that user.
package pgcluster
