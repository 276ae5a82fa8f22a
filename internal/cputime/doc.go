// Package cputime reads how much processor time this process has used, so that
// benchmarks on a busy machine count work and not waiting, and how much memory.
// Anybody may call it, from any goroutine.
package cputime
