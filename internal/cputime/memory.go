package cputime

import (
	"runtime"
	"syscall"
)

// PeakMemory returns the most memory in bytes that the process has had resident,
// 0 where the system does not tell.
func PeakMemory() uint64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return uint64(u.Maxrss)
	}
	return uint64(u.Maxrss) << 10 // others count KiB
}
