package correlate

import (
	mathbits "math/bits"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

// TestRoutesAgainstAMap brings routes of few prefixes and sessions into few
// incidents, and out of them.
func TestRoutesAgainstAMap(t *testing.T) {
	type key struct {
		prefix  prefixID
		session uint32
	}
	rapid.Check(t, func(t *rapid.T) {
		var r routeTable
		want := map[key]uint32{}
		sessions := rapid.SampledFrom([]uint32{0, 1, 63, 64, 65, 130, route.AllPeers})
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			k := key{rapid.Uint32Range(1, 3).Draw(t, "prefix"), sessions.Draw(t, "session")}
			if rapid.Bool().Draw(t, "put") {
				slot := rapid.Uint32Range(0, 2).Draw(t, "slot")
				was, held := r.put(k.prefix, k.session, slot)
				old, had := want[k]
				if !had {
					want[k], old = slot, slot
				}
				if was != old || held != had {
					t.Fatalf("put %v: %d, %v, want %d, %v", k, was, held, old, had)
				}
			} else {
				r.del(k.prefix, k.session)
				delete(want, k)
			}
			if r.len() != len(want) {
				t.Fatalf("%d routes, want %d", r.len(), len(want))
			}
			for k, slot := range want {
				if got, ok := r.find(k.prefix, k.session); !ok || got != slot {
					t.Fatalf("%v is in %d, %v, want %d", k, got, ok, slot)
				}
			}
			if _, ok := r.find(4, 0); ok {
				t.Fatal("found what was never put")
			}
		}
		for k := range want {
			r.del(k.prefix, k.session)
		}
		if r.len()+r.words.Len()+r.others.Len() != 0 {
			t.Fatalf("left: %d routes, %d words, %d others", r.len(), r.words.Len(), r.others.Len())
		}
	})
}

// each calls f for every route.
func (r *routeTable) each(f func(prefix prefixID, session, slot uint32)) {
	r.words.Each(func(key uint64, w *routeWord) {
		for bits := w.bits; bits != 0; bits &= bits - 1 {
			f(prefixID(key>>32), uint32(key)<<6+uint32(mathbits.TrailingZeros64(bits)), w.slot)
		}
	})
	r.others.Each(func(key uint64, slot *uint32) { f(prefixID(key>>32), uint32(key), *slot) })
}
