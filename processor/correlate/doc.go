// Package correlate judges the evidence of all shards and is the only producer
// of alerts.
//
// It owns what spans blocks: which AS was seen on the way to which origin, the
// edges between networks, the sessions, and the life of each alert. What it
// emits is a pure function of the ranges it was given: it reads no clock, draws
// no random number and iterates over no map. It must not do I/O and knows
// nothing of NATS; the caller brings evidence ranges and takes the alerts away.
// A Correlator belongs to one goroutine.
package correlate
