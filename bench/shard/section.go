package shard

import (
	"fmt"

	"detour/bench/measure"
	"detour/bench/report"
)

const command = "detour bench shard"

func section(tables []*outcome, files []*recorded) *report.Section {
	first := tables[0]
	s := &report.Section{
		Name: "shard", Title: "Path state: applying updates, and what a route takes", Command: command,
		Notes: []string{
			fmt.Sprintf("One shard, one goroutine, that was told a full table of %s prefixes: %s of them real ones of the corpus,\n"+
				"dealt to a made-up Internet of 75,000 networks whose policies give each peer its path. Then updates hit it, the\n"+
				"busiest prefixes and peers most: 10 %% withdrawals, 10 %% paths that nobody has shown before, 27 %% duplicates,\n"+
				"otherwise a path that another peer has. The engine clock runs at %d elements a second and peer. Speed is CPU time\n"+
				"of applying and stating facts, garbage collection included, of %d batches: median (least–most).",
				measure.Count(uint64(first.Prefixes)), measure.Count(uint64(first.Real)), perPeer, batches(tables)),
			"Octets a route are those of the live heap over the routes of the table, everything of the shard included, right\n" +
				"after the table and after the updates. Resident is the whole process right after the table, as it stands, with\n" +
				fmt.Sprintf("the garbage collector at %d %%. Each table has a process of its own.", gcPercent),
		},
		Tables: []report.Table{full(tables), weights(tables)},
		Charts: []report.Chart{perRoute(tables)},
	}
	for _, t := range tables {
		s.Figures = append(s.Figures, figures(t)...)
	}
	if len(files) > 0 {
		s.Tables = append(s.Tables, recordings(files))
		s.Figures = append(s.Figures, allocations(files)...)
		s.Notes = append(s.Notes, "Recordings come as frames to an empty shard, and once more to the shard that then knows all of\n"+
			"them: reading frames, applying, stating facts, writing evidence and flags.")
	}
	return s
}

func batches(tables []*outcome) (n int) {
	for _, t := range tables {
		n = max(n, t.Spec.Batches)
	}
	return n
}

func full(tables []*outcome) report.Table {
	t := report.Table{
		Name: "tables", Title: "Full tables",
		Columns: []string{
			"peers", "routes", "fill, M routes/CPU-s", "updates, M elements/CPU-s", "facts per element", "GC share", "GC pause p99",
			"octets a route, full", "after updates", "resident",
		},
	}
	for _, o := range tables {
		row := []string{
			fmt.Sprint(o.Spec.Peers), measure.Count(uint64(o.Routes)), measure.Number(o.FillPerSecond / 1e6), "", "", "", "",
			measure.Number(o.perRoute(o.Filled)), "", fmt.Sprintf("%.2f GB", float64(o.Resident)/1e9),
		}
		if len(o.Speed) > 0 {
			row[3] = o.speed().String()
			row[4] = measure.Number(float64(o.Facts) / float64(o.Elements))
			row[5] = fmt.Sprintf("%.1f %%", 100*o.GCShare)
			row[6] = fmt.Sprintf("%.2f ms", 1e3*o.PauseP99)
			row[8] = measure.Number(o.perRoute(o.Heap))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (o *outcome) perRoute(octets uint64) float64 { return float64(octets) / float64(o.Routes) }

func (o *outcome) speed() measure.Spread {
	v := make([]float64, len(o.Speed))
	for i := range v {
		v[i] = o.Speed[i] / 1e6
	}
	return measure.SpreadOf(v)
}

// weights tells where the octets are, at the end.
func weights(tables []*outcome) report.Table {
	t := report.Table{
		Name: "weights", Title: "Where the octets of a route are, room for more included",
		Columns: []string{
			"peers", "slots", "paths", "index of paths", "prefixes", "index of prefixes", "baselines", "recent changes", "newcomers", "rest",
		},
	}
	for _, o := range tables {
		w := o.Weight
		row := []string{fmt.Sprint(o.Spec.Peers)}
		for _, n := range []int{w.Slots, w.Paths, w.PathIndex, w.Prefixes, w.Index, w.Baselines, w.Recent, w.Newcomers, w.Rest} {
			row = append(row, fmt.Sprintf("%.2f", o.perRoute(uint64(n))))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func perRoute(tables []*outcome) report.Chart {
	all := report.Series{Name: "all of the shard"}
	slots := report.Series{Name: "slots alone"}
	for _, o := range tables {
		x := float64(o.Spec.Peers)
		all.Points = append(all.Points, report.Point{X: x, Y: o.perRoute(o.Filled)})
		slots.Points = append(slots.Points, report.Point{X: x, Y: o.perRoute(uint64(o.Weight.Slots))})
	}
	return report.Chart{
		Name: "octets", Title: "Octets a route against peers", X: "peers with a full table", Y: "octets a route", LogX: true,
		Series: []report.Series{all, slots},
	}
}

func figures(o *outcome) (out []report.Figure) {
	figure := func(what, unit string, reached, floor, aim float64, better report.Better) {
		out = append(out, report.Figure{
			What: fmt.Sprintf("%s, %s prefixes × %d peers", what, measure.Count(uint64(o.Prefixes)), o.Spec.Peers), Unit: unit,
			Reached: reached, Floor: floor, Aim: aim, Better: better, Command: command,
		})
	}
	switch o.Spec.Peers {
	case 40:
		figure("apply and state facts", "M elements/CPU-s", o.speed().Median, 1, 2, report.More)
		figure("memory a route, after updates", "B", o.perRoute(o.Heap), 9, 8, report.Less)
		figure("resident memory of a processor", "GB", float64(o.Resident)/1e9, 0.75, 0.6, report.Less)
	case 400:
		figure("memory a route, after updates", "B", o.perRoute(o.Heap), 6, 5, report.Less)
	}
	return out
}

func recordings(files []*recorded) report.Table {
	t := report.Table{
		Name: "recordings", Title: "Recordings",
		Columns: []string{
			"recording", "elements", "to an empty shard, M elements/CPU-s", "records per element", "allocations per element",
			"known, M elements/CPU-s", "records per element", "allocations per element", "decoding and framing, allocations per element",
		},
	}
	for _, r := range files {
		t.Rows = append(t.Rows, []string{
			r.name, measure.Count(uint64(r.elements)),
			measure.Number(r.cold.speed / 1e6), measure.Number(r.cold.facts), fmt.Sprintf("%.4f", r.cold.allocs),
			measure.Number(r.known.speed / 1e6), measure.Number(r.known.facts), fmt.Sprintf("%.4f", r.known.allocs),
			fmt.Sprintf("%.4f", r.framed),
		})
	}
	return t
}

// allocations takes the worst recording.
func allocations(files []*recorded) []report.Figure {
	worst := 0.0
	for _, r := range files {
		worst = max(worst, r.framed+r.cold.allocs)
	}
	return []report.Figure{{
		What: "allocations per element, recording → frame → empty shard, worst recording", Unit: "",
		Reached: worst, Floor: 0.1, Aim: 0.02, Better: report.Less, Command: command,
	}}
}
