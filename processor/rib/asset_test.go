package rib

import (
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"
)

// TestASSetReadsWhatTheLibraryWrites holds membership and listing against the
// library, over small sets, dense ones, full containers, and runs.
func TestASSetReadsWhatTheLibraryWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := roaring.New()
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			from := rapid.Uint32Range(0, 1<<20).Draw(t, "from")
			n := rapid.SampledFrom([]uint64{1, 3, 40, 4096, 4097, 1 << 16}).Draw(t, "length")
			step := rapid.SampledFrom([]uint64{1, 2, 7}).Draw(t, "step")
			for i := range n {
				b.Add(from + uint32(i*step))
			}
		}
		if rapid.Bool().Draw(t, "runs") {
			b.RunOptimize()
		}
		raw, err := b.ToBytes()
		if err != nil {
			t.Fatal(err)
		}
		s := asSet(raw)
		if got := s.members(nil); !slices.Equal(got, b.ToArray()) {
			t.Fatalf("%d members, want %d", len(got), b.GetCardinality())
		}
		for range 50 {
			id := rapid.Uint32Range(0, 1<<20+1<<19).Draw(t, "id")
			if s.has(id) != b.Contains(id) {
				t.Fatalf("id %d: %t", id, !b.Contains(id))
			}
		}
	})
	if asSet(nil).has(0) || len(asSet(nil).members(nil)) != 0 {
		t.Error("no set has members")
	}
}
