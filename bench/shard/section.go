package shard

import (
	"fmt"

	"detour/bench/measure"
	"detour/bench/report"
	"detour/processor"
)

const command = "detour bench shard"

func section(all []*outcome, files []*recorded) *report.Section {
	tables, whole := all[:len(all)-1], all[len(all)-1]
	s := &report.Section{
		Name: "shard", Title: "Path state: applying updates, and what a route takes", Command: command,
		Notes:  notes(tables),
		Tables: []report.Table{full(tables), weights(tables), wholeTable(whole)},
		Charts: []report.Chart{perRoute(tables)},
	}
	for _, t := range all {
		s.Figures = append(s.Figures, t.figures()...)
	}
	if len(files) > 0 {
		s.Tables = append(s.Tables, recordings(files))
		s.Figures = append(s.Figures, allocations(files))
		s.Notes = append(s.Notes,
			"Recordings come as frames to an empty shard, and once more to the shard that then knows all of them:\n"+
				"reading frames, applying, stating facts, writing evidence and flags.")
	}
	return s
}

func notes(tables []*outcome) []string {
	first, batches := tables[0], 0
	for _, t := range tables {
		batches = max(batches, t.Spec.Batches)
	}
	return []string{
		fmt.Sprintf("One shard, one goroutine, that was told a full table of %s prefixes: %s of them real ones of the\n"+
			"corpus, dealt to a made-up Internet whose policies give each peer its path. Then updates hit it, the busiest\n"+
			"prefixes and peers most: 10 %% withdrawals, 10 %% paths that nobody has shown before, 27 %% duplicates,\n"+
			"otherwise a path that another peer has. The engine clock runs at %d elements a second and peer. Speed is CPU\n"+
			"time of applying and stating facts, garbage collection included, of %d batches: median (least–most).",
			measure.Count(uint64(first.Prefixes)), measure.Count(uint64(first.Real)), perPeer, batches),
		fmt.Sprintf("Octets a route are those of the live heap over the routes of the table, everything of the shard\n"+
			"included, right after the table and after the updates. Resident is the whole process, %v after the table,\n"+
			"with the garbage collector at %d %%; before the table it held the made-up Internet, which no processor has.\n"+
			"Each table has a process of its own.", settle, processor.GCPercent),
	}
}

func (o *outcome) perRoute(octets uint64) float64 { return float64(octets) / float64(o.Routes) }

// speed is in millions of elements per CPU-second.
func (o *outcome) speed() measure.Spread {
	v := make([]float64, len(o.Speed))
	for i := range v {
		v[i] = o.Speed[i] / 1e6
	}
	return measure.SpreadOf(v)
}

func (o *outcome) short() bool { return o.Spec.Prefixes == shortPrefixes }

func (o *outcome) figures() (out []report.Figure) {
	figure := func(what, unit string, reached, floor, aim float64, better report.Better) {
		out = append(out, report.Figure{
			What: fmt.Sprintf("%s, %s prefixes × %d peers", what, measure.Count(uint64(o.Prefixes)), o.Spec.Peers),
			Unit: unit, Reached: reached, Floor: floor, Aim: aim, Better: better, Command: command,
		})
	}
	switch {
	case o.Spec.Whole && !o.short():
		figure("resident memory, all shards and the correlator in one process", "GB", float64(o.Resident)/1e9, 0.75, 0.6,
			report.Less)
	case o.Spec.Peers == 40:
		figure("apply and state facts", "M elements/CPU-s", o.speed().Median, 1, 2, report.More)
		figure("memory a route, after updates", "B", o.perRoute(o.Heap), 9, 8, report.Less)
		figure("resident memory, shard", "GB", float64(o.Resident)/1e9, 0.75, 0.6, report.Less)
	case o.Spec.Peers == 400:
		figure("memory a route, after updates", "B", o.perRoute(o.Heap), 6, 5, report.Less)
	}
	return out
}

// allocations takes the worst recording.
func allocations(files []*recorded) report.Figure {
	worst := 0.0
	for _, r := range files {
		worst = max(worst, r.framed+r.cold.allocs)
	}
	return report.Figure{
		What:    "allocations per element, recording → frame → empty shard, worst recording",
		Reached: worst, Floor: 0.1, Aim: 0.02, Better: report.Less, Command: command,
	}
}
