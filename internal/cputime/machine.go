package cputime

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat and /proc/<pid>/stat: USER_HZ, the same on all of
// Linux.
const tick = time.Second / 100

// Machine returns the time that the processors were not idle since the machine
// started, all processes together; false where the system does not tell.
func Machine() (time.Duration, bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, false
	}
	return busy(string(text))
}

// busy reads the text of /proc/stat.
func busy(stat string) (time.Duration, bool) {
	const (
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

// Of returns the user and system time of a running process; false where the system
// does not tell.
func Of(pid int) (time.Duration, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	return used(string(text))
}

// used reads utime and stime, the 14th and 15th field; the second may hold spaces
// and ends with the last parenthesis.
func used(stat string) (time.Duration, bool) {
	const utime = 14 - 3
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) <= utime+1 {
		return 0, false
	}
	var sum time.Duration
	for _, f := range fields[utime:][:2] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, false
		}
		sum += time.Duration(n) * tick
	}
	return sum, true
}
