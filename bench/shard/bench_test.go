package shard

import "testing"

// BenchmarkApply is a smaller form of what `detour bench shard` measures, for
// profiles.
func BenchmarkApply(b *testing.B) {
	s := spec{Corpus: "../../../shared/corpus", Prefixes: 400_000, Peers: 20, Batch: 300_000}
	if testing.Short() {
		s.Prefixes, s.Batch = shortPrefixes, 10_000
	}
	t, _, err := s.table()
	if err != nil {
		b.Fatal(err)
	}
	w := newWorld(t)
	elements, seconds := 0, 0.0
	for b.Loop() {
		b.StopTimer()
		ops, n := w.traffic(s.Batch)
		b.StartTimer()
		a := w.apply(ops)
		if a.elements != n {
			b.Fatalf("%d of %d elements were applied", a.elements, n)
		}
		elements, seconds = elements+n, seconds+a.cpu.Seconds()
	}
	b.ReportMetric(1e9*seconds/float64(elements), "cpu-ns/element")
}
