package shard

import (
	"fmt"

	"detour/bench/measure"
	"detour/bench/report"
)

func full(tables []*outcome) report.Table {
	t := report.Table{
		Name: "tables", Title: "Full tables",
		Columns: []string{
			"peers", "routes", "fill, M routes/CPU-s", "octets a route, full", "resident before", "resident",
			"updates, M elements/CPU-s", "facts per element", "octets a route then", "GC share", "GC pause p99",
		},
	}
	for _, o := range tables {
		row := []string{
			fmt.Sprint(o.Spec.Peers), measure.Count(uint64(o.Routes)), measure.Number(o.FillPerSecond / 1e6),
			measure.Number(o.perRoute(o.Filled)), gigabytes(o.Empty), gigabytes(o.Resident), "", "", "", "", "",
		}
		if len(o.Speed) > 0 {
			row = append(row[:6], o.speed().String(), measure.Number(float64(o.Facts)/float64(o.Elements)),
				measure.Number(o.perRoute(o.Heap)), fmt.Sprintf("%.1f %%", 100*o.GCShare),
				fmt.Sprintf("%.2f ms", 1e3*o.PauseP99))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// wholeTable tells of a process that has all shards and the correlator.
func wholeTable(o *outcome) report.Table {
	return report.Table{
		Name: "whole", Title: fmt.Sprintf("All of a processor: %d shards and the correlator in one process", wholeShards),
		Columns: []string{
			"peers", "routes", "frames, state, evidence and correlator, M routes/CPU-s", "octets a route",
			"resident before", "resident",
		},
		Rows: [][]string{{
			fmt.Sprint(o.Spec.Peers), measure.Count(uint64(o.Routes)), measure.Number(o.FillPerSecond / 1e6),
			measure.Number(o.perRoute(o.Filled)), gigabytes(o.Empty), gigabytes(o.Resident),
		}},
	}
}

func gigabytes(octets uint64) string { return fmt.Sprintf("%.2f GB", float64(octets)/1e9) }

// weights tells where the octets are, at the end.
func weights(tables []*outcome) report.Table {
	t := report.Table{
		Name: "weights", Title: "Where the octets of a route are, room for more included",
		Columns: []string{
			"peers", "slots", "paths", "index of paths", "prefixes", "index of prefixes", "baselines",
			"recent changes", "newcomers", "rest",
		},
	}
	for _, o := range tables {
		w, row := &o.Weight, []string{fmt.Sprint(o.Spec.Peers)}
		for _, n := range []int{
			w.Slots, w.Paths, w.PathIndex, w.Prefixes, w.Index, w.Baselines, w.Recent, w.Newcomers, w.Rest,
		} {
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
		Name: "octets", Title: "Octets a route against peers", X: "peers with a full table", Y: "octets a route",
		LogX: true, Series: []report.Series{all, slots},
	}
}

func recordings(files []*recorded) report.Table {
	t := report.Table{
		Name: "recordings", Title: "Recordings",
		Columns: []string{
			"recording", "elements", "empty shard, M elements/CPU-s", "records per element", "allocations per element",
			"all known, M elements/CPU-s", "records per element", "allocations per element",
			"decoding and framing, allocations per element",
		},
	}
	for _, r := range files {
		row := []string{r.name, measure.Count(uint64(r.elements))}
		for _, p := range []pass{r.cold, r.known} {
			row = append(row, measure.Number(p.speed/1e6), measure.Number(p.facts), fmt.Sprintf("%.4f", p.allocs))
		}
		t.Rows = append(t.Rows, append(row, fmt.Sprintf("%.4f", r.framed)))
	}
	return t
}
