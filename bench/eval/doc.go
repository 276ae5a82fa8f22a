// Package eval judges the judge: it runs recordings and labelled events through
// shards and correlator and counts what was found, what was missed and what was
// said without cause.
//
// It owns the suite behind "detour eval": its parts, their figures, what must
// hold, and the comparison with the results of an earlier run. It must not know
// how anything is detected, nor tune anything. cmd/detour calls it, and tests.
// Worlds are read-only once made and shared by all workers; each run has a
// processor.Line of its own and belongs to one goroutine.
package eval
