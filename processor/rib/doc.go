// Package rib keeps the path state of one shard: for each prefix and peer the
// current path, and for each prefix what is known to be normal.
//
// It owns the tables of docs/state.md and answers an update with a Change. It
// must not judge (package detect does), talk to anyone, or look at a clock:
// time comes with Advance. The shard loop of package processor calls it, from
// one goroutine; nothing in it is safe for concurrent use.
package rib
