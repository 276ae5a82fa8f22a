// Package machine measures what the other benches are made of on this machine:
// loads from memory that wait for each other and that do not, copying, system
// calls.
//
// It owns the yardstick of docs/performance.md and must not measure detour.
// cmd/detour-bench calls it. One goroutine.
package machine
