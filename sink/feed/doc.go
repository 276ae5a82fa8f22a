// Package feed brings the stored alerts to a sink: in order, each at least once,
// also across restarts, by one durable consumer a sink.
//
// It owns the consumer and the acks. It must not look into alerts. cmd/detour
// calls it. A Feed runs in one goroutine, in which it calls the sink.
package feed
