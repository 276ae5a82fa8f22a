// Package ingest holds what all sources share: the engine clock and the numbers
// that an ingester gives to its updates and sessions. The sources themselves
// are its sub-packages.
//
// It must not know of shards or of state: an update leaves it stamped and
// numbered, and package stream does the rest. Each value belongs to the one
// goroutine of its ingester.
package ingest
