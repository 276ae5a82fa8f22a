// Package cluster decides which units (shards, and the correlator) this process
// runs, together with the other processors and without asking anybody: each
// tells heartbeats on core NATS, each computes the same ranking of the members
// for each unit, and runs those for which it ranks among the first (DESIGN §9).
//
// It owns membership and the lives of units. It must not know what a unit does;
// package node says that. Two owners of one unit are harmless, so there is no
// lease and no vote: what matters is that a unit never has none. One goroutine
// owns all decisions; each unit runs in one of its own.
package cluster
