// Package snapshot turns a graph of Go values into bytes and back, unexported
// fields included: the state of a shard or of the correlator, for a checkpoint.
//
// It owns the format of these bytes (docs/state.md, "Checkpoints"): a schema of
// all types, by the names of their fields, and behind it the values. It must not
// know what the values mean, nor where the bytes go; it imports nothing but the
// standard library. Packages processor and correlate call it.
//
// A Codec is immutable and serves any number of goroutines; the values that are
// encoded or filled must stand still during the call.
package snapshot
