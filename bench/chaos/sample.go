package chaos

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"detour/bench/chaos/traffic"
	"detour/bench/measure"
	"detour/bench/report"
	"detour/internal/cputime"
)

// sample is how large a processor is at one moment.
type sample struct {
	at         time.Duration
	resident   uint64 // bytes
	goroutines int
	files      int
	elements   float64 // applied so far
	cpu        time.Duration
}

func (s sample) String() string {
	return fmt.Sprintf("%4.0f s: %.1f MiB, %d goroutines, %d descriptors, %.0f elements, %.1f s of CPU",
		s.at.Seconds(), measure.MiB(s.resident), s.goroutines, s.files, s.elements, s.cpu.Seconds())
}

var (
	goroutineTotal = regexp.MustCompile(`total (\d+)`)
	elementTotal   = regexp.MustCompile(`(?m)^detour_shard_elements_total\S* (\S+)$`)
)

// sample looks at the only processor.
func (c *cluster) sample(ctx context.Context, at time.Duration) (s sample, err error) {
	pid := c.procs[0].cmd.Process.Pid
	s.at = at
	s.cpu = cpuOf(c.procs)
	if s.resident, err = cputime.MemoryOf(pid); err != nil {
		return s, err
	}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return s, err
	}
	s.files = len(fds)
	admin := "http://" + c.roles[0].Admin
	profile, _, err := get(ctx, admin+"/debug/pprof/goroutine?debug=1")
	if err != nil {
		return s, err
	}
	if m := goroutineTotal.FindStringSubmatch(profile); m != nil {
		s.goroutines, _ = strconv.Atoi(m[1])
	}
	metrics, _, err := get(ctx, admin+"/metrics")
	if err != nil {
		return s, err
	}
	for _, m := range elementTotal.FindAllStringSubmatch(metrics, -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		s.elements += n
	}
	return s, nil
}

// What may come on top after the first third: of memory a part and, for what the
// collector leaves lying, a constant; of the rest a few.
const (
	growthPart  = 0.05
	growthBytes = 16 << 20
	growthCount = 8
)

// soaked judges all samples.
func soaked(list []sample, endless *traffic.Endless) (*report.Section, error) {
	if len(list) < 6 {
		return nil, fmt.Errorf("%d samples are too few to see growth", len(list))
	}
	rest := list[len(list)/3:]
	first, last := rest[0], rest[len(rest)-1]
	slope := slopeOf(rest)
	table := report.Table{Name: "soak", Title: "One processor", Columns: []string{
		"second", "MiB resident", "goroutines", "descriptors", "elements", "CPU s",
	}}
	for i, s := range list {
		if i%max(1, len(list)/30) == 0 || i == len(list)-1 {
			table.Rows = append(table.Rows, []string{
				fmt.Sprintf("%.0f", s.at.Seconds()), fmt.Sprintf("%.1f", measure.MiB(s.resident)), fmt.Sprint(s.goroutines),
				fmt.Sprint(s.files), fmt.Sprintf("%.0f", s.elements), fmt.Sprintf("%.1f", s.cpu.Seconds()),
			})
		}
	}
	applied := (last.elements - first.elements) / (last.at - first.at).Seconds()
	s := &report.Section{
		Name: "soak", Title: "Half an hour of turnover", Command: "make soak", Tables: []report.Table{table},
		Notes: []string{
			fmt.Sprintf("After the first third memory changes by %.1f MiB an hour (least squares), at %.0f elements a second "+
				"applied. Half of the routes pass by another network after every %d elements.",
				slope/(1<<20)*3600, applied, endless.Round()),
		},
	}
	if wrong := grown(rest, applied); len(wrong) > 0 {
		s.Notes = append(s.Notes, strings.Join(wrong, "; "))
		return s, fmt.Errorf("%w: %s", ErrFailed, strings.Join(wrong, "; "))
	}
	return s, nil
}

// grown says what is larger in the second half of what is judged than in the first.
func grown(rest []sample, applied float64) (wrong []string) {
	half := len(rest) / 2
	before, after := peak(rest[:half]), peak(rest[half:])
	if float64(after.resident) > float64(before.resident)*(1+growthPart)+growthBytes {
		wrong = append(wrong, fmt.Sprintf("memory grew from %.1f to %.1f MiB",
			measure.MiB(before.resident), measure.MiB(after.resident)))
	}
	if after.goroutines > before.goroutines+growthCount {
		wrong = append(wrong, fmt.Sprintf("goroutines grew from %d to %d", before.goroutines, after.goroutines))
	}
	if after.files > before.files+growthCount {
		wrong = append(wrong, fmt.Sprintf("descriptors grew from %d to %d", before.files, after.files))
	}
	if applied < soakRate/2 {
		wrong = append(wrong, fmt.Sprintf("%.0f elements a second were applied of %d", applied, soakRate))
	}
	return wrong
}

// peak returns the most of each.
func peak(list []sample) (most sample) {
	for _, s := range list {
		most.resident = max(most.resident, s.resident)
		most.goroutines, most.files = max(most.goroutines, s.goroutines), max(most.files, s.files)
	}
	return most
}

// slopeOf fits a line through memory over time, in bytes a second.
func slopeOf(list []sample) float64 {
	var sx, sy, sxx, sxy float64
	for _, s := range list {
		x, y := s.at.Seconds(), float64(s.resident)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	n := float64(len(list))
	if d := n*sxx - sx*sx; d != 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}
