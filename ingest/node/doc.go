// Package node is an ingester process: its sources, each with a publisher of its
// own into the log, and the heartbeat by which others see it.
//
// It owns their lives and the order in which they end: sources stop, what they
// gave is stored, then the publishers end. It must not look into updates.
// cmd/detour calls it. Each source runs in one goroutine, its publisher in others.
package node
