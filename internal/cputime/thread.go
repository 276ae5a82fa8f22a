package cputime

import (
	"runtime"
	"syscall"
	"time"
)

// Thread returns the user and system time of the calling thread, which should be
// locked to its goroutine. It is 0 where the system does not tell.
func Thread() time.Duration {
	const ofThread = 1 // RUSAGE_THREAD, which package syscall does not name
	var u syscall.Rusage
	if runtime.GOOS != "linux" || syscall.Getrusage(ofThread, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
