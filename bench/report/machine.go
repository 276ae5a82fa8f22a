package report

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// unknown is what a system does not tell.
const unknown = "unknown"

// Machine returns the processor, its cores and the memory of this machine.
func Machine() string {
	cpu := field(read("/proc/cpuinfo"), "model name")
	memory := unknown + " memory"
	total := strings.TrimSuffix(field(read("/proc/meminfo"), "MemTotal"), " kB")
	if kib, err := strconv.ParseUint(total, 10, 64); err == nil {
		memory = fmt.Sprintf("%.1f GiB of memory", float64(kib)/(1<<20))
	}
	return fmt.Sprintf("%s, %d cores, %s", cpu, runtime.NumCPU(), memory)
}

// System returns the kernel and the version of Go.
func System() string {
	kernel := strings.TrimSpace(read("/proc/sys/kernel/osrelease"))
	if kernel == "" {
		kernel = "kernel " + unknown
	}
	return fmt.Sprintf("%s %s, %s", runtime.GOOS, kernel, runtime.Version())
}

// LoadAverage returns the load of the last minute.
func LoadAverage() string {
	if f := strings.Fields(read("/proc/loadavg")); len(f) > 0 {
		return f[0]
	}
	return unknown
}

// Commit returns the commit that the program was built from, or that of the
// checkout it runs in, with "+" behind it where that holds changes.
func Commit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if c := stamped(info.Settings); c != "" {
			return c
		}
	}
	out, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return unknown
	}
	commit := strings.TrimSpace(string(out))
	changes, err := exec.Command("git", "status", "--porcelain").Output()
	if err != nil || len(changes) > 0 {
		commit += "+"
	}
	return commit
}

// stamped returns the commit that the Go command wrote into the program.
func stamped(settings []debug.BuildSetting) string {
	commit, changed := "", ""
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+"
			}
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed
}

// field returns the value of the first line "name: value".
func field(text, name string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

// read returns a file, nothing where it cannot be read.
func read(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(b)
}
