// Package replay feeds recordings into the log: first tables that prime the
// state, then updates, merged by time, at full speed or at a multiple of the
// speed at which they happened.
//
// It owns engine time and update numbers of its ingester. It must not know of
// shards; the Output that it is given does. cmd/detour and bench call it. A
// Source belongs to the goroutine that runs it; Progress may be read by others.
package replay
