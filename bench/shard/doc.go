// Package shard measures what applying updates to the path state of a full table
// costs, and what that state weighs.
//
// It owns a full table of made-up routes over real prefixes (package topo), the
// updates that hit it, and the stopwatch around processor/rib and
// processor/detect. It must not measure frames, NATS or the correlator: package
// firehose does. cmd/detour calls it. One goroutine.
package shard
