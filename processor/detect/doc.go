// Package detect states the facts of a change: which hops are new to a prefix,
// whether the same peer had another way, whether the path grew or shrank,
// whether the origin is another one.
//
// It owns the rules of docs/state.md §6 and no state: its functions are pure
// over a rib.Change and the tables it points into. The shard loop of package
// processor calls it, from the goroutine that owns the rib.
package detect
