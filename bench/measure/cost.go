package measure

import (
	"runtime"
	"time"

	"detour/internal/cputime"
)

// Spent returns the CPU time of the process, collection of garbage included,
// while run ran so many times.
func Spent(times int, run func() error) (time.Duration, error) {
	runtime.GC()
	start := cputime.Now()
	for range times {
		if err := run(); err != nil {
			return 0, err
		}
	}
	return cputime.Now() - start, nil
}

// Mallocs returns how many objects were allocated so far.
func Mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
