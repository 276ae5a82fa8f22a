package cputime

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Memory returns the bytes of the process that are resident now, the most there
// have been where the system tells only that.
func Memory() uint64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return PeakMemory()
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

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
