package report

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Load watches what others take of the machine while a run goes on.
type Load struct {
	begun     time.Time
	all, ours time.Duration
	known     bool
}

// StartLoad begins to watch.
func StartLoad(now time.Time) Load {
	all, ok := busy(read("/proc/stat"))
	return Load{begun: now, all: all, ours: own(), known: ok}
}

// Others says how much of the machine's processor time since StartLoad went to
// processes that are neither this one nor its finished children.
func (l Load) Others(now time.Time) string {
	all, ok := busy(read("/proc/stat"))
	wall := now.Sub(l.begun)
	if !ok || !l.known || wall <= 0 {
		return unknown
	}
	cores := runtime.NumCPU()
	share := max(0, float64(all-l.all-(own()-l.ours))/float64(wall)/float64(cores))
	return fmt.Sprintf("took %.0f %% of the processor time of %d cores during the run", 100*share, cores)
}

// busy returns the time that the processors were not idle since the machine
// started, from the text of /proc/stat.
func busy(stat string) (time.Duration, bool) {
	const (
		tick    = time.Second / 100 // USER_HZ, the same on all of Linux
		idle    = 3
		iowait  = 4
		counted = 8 // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user
	)
	line, _, _ := strings.Cut(stat, "\n")
	f := strings.Fields(line)
	if len(f) < counted+1 || f[0] != "cpu" {
		return 0, false
	}
	var sum time.Duration
	for i, text := range f[1 : counted+1] {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return 0, false
		}
		if i != idle && i != iowait {
			sum += time.Duration(n) * tick
		}
	}
	return sum, true
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
