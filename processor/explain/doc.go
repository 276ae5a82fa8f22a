// Package explain answers "why did it, or did it not, alert": it lets a private
// processor.Line live through recordings or through a deployment's log, has it
// note what it thinks of one prefix and of every incident, and turns that into a
// report, as values and as words.
//
// It owns the reports. It must not write to a deployment or disturb it, and
// judges nothing itself: what it tells was thought by the same shards and the
// same correlator. cmd/detour calls it. An Inquiry belongs to one goroutine.
package explain
