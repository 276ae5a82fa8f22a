package servers

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of /proc/<pid>/stat on every Linux that Go runs on.
const ticksPerSecond = 100

// CPU returns the processor time of all servers so far, 0 where the system does
// not tell.
func (c *Cluster) CPU() (sum time.Duration) {
	for _, ch := range c.children {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(ch.cmd.Process.Pid) + "/stat")
		if err != nil {
			return 0
		}
		sum += statCPU(string(text))
	}
	return sum
}

// statCPU reads utime and stime, the 14th and 15th field; the second may hold
// spaces and ends with the last parenthesis.
func statCPU(text string) time.Duration {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const utime = 14 - 3
	if len(fields) <= utime+1 {
		return 0
	}
	var ticks int64
	for _, f := range fields[utime:][:2] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / ticksPerSecond)
}

// MachineCPU returns how long the processors of this machine have been busy, all
// processes together, 0 where the system does not tell.
func MachineCPU() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return machineCPU(line)
}

// machineCPU reads user, nice, system, irq and softirq.
func machineCPU(line string) time.Duration {
	fields := strings.Fields(line)
	if len(fields) < 8 || fields[0] != "cpu" {
		return 0
	}
	var ticks int64
	for _, i := range []int{1, 2, 3, 6, 7} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / ticksPerSecond)
}
