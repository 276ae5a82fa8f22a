// Package processor runs a shard: it reads the frames of one stream in order,
// applies them to the path state of package rib, lets package detect state the
// facts, and sends them on as evidence for the correlator and as flags for
// whoever listens.
//
// It owns the numbering of frames (what is new, what is a second copy, what is
// missing), the ranges of evidence, and what a snapshot of a shard or of the
// correlator holds beside their state. It must not judge: alerts come from
// package correlate alone. cmd/detour starts it. One goroutine owns all state
// of a shard; nothing is shared between shards.
package processor
