package eval

import (
	"testing"

	"detour/internal/scenario"
)

// BenchmarkCase is one leak over the warm background of five peers: what the
// length of the suite is made of.
func BenchmarkCase(b *testing.B) {
	for _, name := range specOf(world5).needs() {
		recording(b, name)
	}
	s := &suite{Options: Options{Corpus: corpus}, worlds: map[string]*lazy[*World]{}}
	w, err := s.world(b.Context(), world5)
	if err != nil {
		b.Fatal(err)
	}
	c, err := scenario.Leak(w.Know, scenario.LeakParams{Prefixes: 100, Peers: 3}, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		o, err := w.Run(b.Context(), Setup{Mature: true}, c)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(o.Line.Elements), "elements")
	}
}
