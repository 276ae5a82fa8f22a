package dump

import (
	"strings"

	"detour/bench/measure"
	"detour/bench/report"
)

const (
	name    = "dump"
	title   = "detour dump, against bgpdump"
	command = "detour bench dump"
	// shownPeaks is how many recordings the table of memory names.
	shownPeaks = 12
)

func section(list []*input, peaks []peak) *report.Section {
	s := &report.Section{
		Name: name, Title: title, Command: command,
		Notes: []string{
			"`detour dump --format bgpdump FILE` and Debian's `bgpdump -m FILE`, whole programs in turns, output to the\n" +
				"null device. Before that both printed into files, which were equal but for the lines that\n" +
				"`docs/reference/bgpdump-differences.md` explains, and those were counted. CPU is user and system time, median\n" +
				"(least–most) of the rounds; the peak is the most memory resident at once, in MiB, of all rounds.",
			"The peak counts the pages of the program itself that were touched, about 14 MiB of detour's before it opens a\n" +
				"file.",
		},
		Tables: []report.Table{cpuTable(list), peakTable(peaks)},
		Bars:   []report.Bars{bars(list)},
	}
	for _, in := range list {
		if in.name == ordinary {
			s.Figures = append(s.Figures, report.Figure{
				What: "`detour dump` of plain updates, CPU, against `bgpdump -m`", Unit: "×",
				Reached: in.ratio().Median, Floor: 8, Aim: 14, Command: command,
			})
		}
	}
	if len(peaks) > 0 && peaks[0].bytes > 0 {
		s.Figures = append(s.Figures, report.Figure{
			What: "`detour dump`, peak memory on any recording (worst: " + peaks[0].name + ")", Unit: "MiB",
			Reached: measure.MiB(peaks[0].bytes), Floor: 24, Aim: 16, Better: report.Less, Command: command,
		})
	}
	return s
}

func cpuTable(list []*input) report.Table {
	t := report.Table{Name: "cpu", Title: "Both programs", Columns: []string{
		"recording", "kind", "detour, ms", "bgpdump, ms", "bgpdump takes × as long", "detour, MiB", "bgpdump, MiB",
	}}
	for _, in := range list {
		t.Rows = append(t.Rows, []string{
			strings.TrimPrefix(in.name, "mrt/"), in.kind, measure.SpreadOf(in.own.cpu).String(),
			measure.SpreadOf(in.other.cpu).String(), in.ratio().String(),
			measure.Number(measure.MiB(in.own.peak)), measure.Number(measure.MiB(in.other.peak)),
		})
	}
	return t
}

func peakTable(peaks []peak) report.Table {
	t := report.Table{
		Name: "peak", Title: "Peak memory of detour dump, the largest of all recordings",
		Columns: []string{"recording", "MiB"},
	}
	for _, p := range peaks[:min(shownPeaks, len(peaks))] {
		t.Rows = append(t.Rows, []string{p.name, measure.Number(measure.MiB(p.bytes))})
	}
	return t
}

func bars(list []*input) report.Bars {
	b := report.Bars{
		Name: "ratio", Title: "CPU time of bgpdump for that of detour", Y: "×", Parts: []report.Part{{Name: "bgpdump"}},
	}
	for _, in := range list {
		b.Places = append(b.Places, in.label)
		b.Parts[0].Values = append(b.Parts[0].Values, in.ratio().Median)
	}
	return b
}
