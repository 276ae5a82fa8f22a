// Package decode measures ingest/decode and ingest/mrt against other decoders of
// the same recorded bytes: osrg/gobgp in this process, and others as processes
// of their own.
//
// It owns the sums by which decoders prove that they read the same, and prints
// no figure before they are equal. It must not open anything but the corpus.
// cmd/detour-bench calls Run, which uses one goroutine.
package decode
