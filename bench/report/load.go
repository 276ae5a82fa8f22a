package report

import (
	"fmt"
	"runtime"
	"syscall"
	"time"

	"detour/internal/cputime"
)

// Load watches what others take of the machine while a run goes on.
type Load struct {
	begun     time.Time
	all, ours time.Duration
	known     bool
}

// StartLoad begins to watch.
func StartLoad(now time.Time) Load {
	all, ok := cputime.Machine()
	return Load{begun: now, all: all, ours: own(), known: ok}
}

// Others says how much of the machine's processor time since StartLoad went to
// processes that are neither this one nor its finished children.
func (l Load) Others(now time.Time) string {
	all, ok := cputime.Machine()
	wall := now.Sub(l.begun)
	if !ok || !l.known || wall <= 0 {
		return unknown
	}
	cores := runtime.NumCPU()
	share := max(0, float64(all-l.all-(own()-l.ours))/float64(wall)/float64(cores))
	return fmt.Sprintf("took %.0f %% of the processor time of %d cores during the run", 100*share, cores)
}

// own returns the processor time of this process and of the children that it
// has waited for.
func own() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return sum
}
