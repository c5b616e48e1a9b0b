// Package postgres is the storage of tracking in PostgreSQL with PostGIS.
//
// [FixStore] commits fixes. A batch is one transaction: what is newer than all that
// is stored of its device can't be a duplicate and is copied straight into its
// day's partition; the rest goes through a staging table that tells the same from
// another of the same time; then what follows is derived, and states, transitions
// and the outbox are written. States are remembered between batches, and fenced by
// versions; where that fails, they are locked in order of their ids. So any number
// of processes may commit fixes of the same devices.
//
// [Registry] keeps devices, vehicles, fittings and zones.
package postgres
