package cputime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Memory returns the bytes of the process that are resident now, the most there
// have been where the system tells only that.
func Memory() uint64 {
	n, err := MemoryOf(os.Getpid())
	if _, unread := errors.AsType[*fs.PathError](err); unread {
		return PeakMemory()
	}
	return n
}

// MemoryOf returns the bytes of another process that are resident now. Linux only:
// elsewhere the error is fs.ErrNotExist.
func MemoryOf(pid int) (uint64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0, fmt.Errorf("read memory of process %d: %q is not what it was", pid, data)
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	return pages * uint64(os.Getpagesize()), nil
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
