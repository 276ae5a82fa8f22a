package main

import (
	"os"
	"runtime/debug"

	"detour/processor"
)

// tuneGC sets the garbage collector up for a process that holds shards, unless
// the environment does.
func tuneGC() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(processor.GCPercent)
	}
}
