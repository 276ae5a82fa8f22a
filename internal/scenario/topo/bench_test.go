package topo

import (
	"fmt"
	"runtime"
	"testing"

	"detour/route"
)

// BenchmarkGenerate makes the default graph.
func BenchmarkGenerate(b *testing.B) {
	before := heap()
	var g *Graph
	for b.Loop() {
		g = mustGenerate(b, 75_000, 1)
	}
	b.ReportMetric(float64(heap()-before)/1e6, "MB")
	b.ReportMetric(float64(g.Links()), "links")
}

// BenchmarkSolve finds one origin's paths from everywhere.
func BenchmarkSolve(b *testing.B) {
	g := mustGenerate(b, 75_000, 1)
	s := g.NewSolver(nil)
	i := 0
	for b.Loop() {
		s.Solve(Own(g.asns[i%g.Len()]))
		i += 7919
	}
}

func mustTable(t testing.TB, g *Graph, cfg TableConfig, seed uint64) *Table {
	t.Helper()
	table, err := NewTable(g, cfg, seed)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// BenchmarkTable makes a million prefixes.
func BenchmarkTable(b *testing.B) {
	g := mustGenerate(b, 75_000, 1)
	before := heap()
	var t *Table
	for b.Loop() {
		t = mustTable(b, g, TableConfig{}, 1)
	}
	b.ReportMetric(float64(heap()-before)/1e6, "MB")
	b.ReportMetric(float64(t.Len()), "prefixes")
}

// heap returns the bytes in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkEach dumps the full table of 10, 40 and 400 peers on one core.
func BenchmarkEach(b *testing.B) {
	g := mustGenerate(b, 75_000, 1)
	for _, peers := range []int{10, 40, 400} {
		t := mustTable(b, g, TableConfig{Peers: peers}, 1)
		b.Run(fmt.Sprintf("%d peers", peers), func(b *testing.B) {
			for b.Loop() {
				elements, updates, hops := 0, 0, 0
				t.Each(func(_ *route.Session, u *route.Update) bool {
					elements += len(u.Announced)
					hops += len(u.Path.ASNs)
					updates++
					return true
				})
				b.ReportMetric(float64(heap())/1e6, "MB")
				b.ReportMetric(float64(elements), "elements")
				b.ReportMetric(float64(updates), "updates")
				b.ReportMetric(float64(hops)/float64(updates), "hops")
			}
		})
	}
}
