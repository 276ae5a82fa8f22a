package correlate

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

func TestPathsKeepTheirContentThroughSweeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPathTable(1 << 20)
		held := map[string]pathID{}
		var order []string
		content := map[string][]asID{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			path := rapid.SliceOfN(rapid.SampledFrom([]asID{0, 1, 2, 3}), 0, 4).Draw(t, "path")
			key := fmt.Sprint(path)
			id, ok := internIn(p, path)
			if old, again := held[key]; !ok || again && old != id {
				t.Fatalf("path %v became %d, then %d, %v", path, old, id, ok)
			}
			if held[key] == 0 {
				order = append(order, key)
			}
			held[key], content[key] = id, path
			if rapid.IntRange(0, 30).Draw(t, "sweep") == 30 {
				p.keep(func(rename func(*pathID)) {
					kept := order[:0]
					for i, key := range order {
						if i%2 == 0 {
							delete(held, key)
							continue
						}
						id := held[key]
						rename(&id)
						held[key] = id
						kept = append(kept, key)
					}
					order = kept
				}, nil)
				if p.count() != len(held) {
					t.Fatalf("%d paths are left of %d held", p.count(), len(held))
				}
			}
			for key, id := range held {
				if !slices.Equal(p.get(id), content[key]) {
					t.Fatalf("path %s is %v", key, p.get(id))
				}
			}
		}
	})
}

func TestFullPathTableRefusesNewPathsOnly(t *testing.T) {
	p := newPathTable(2)
	for i, want := range []bool{true, true, false} {
		if _, ok := internIn(p, ids(asID(i))); ok != want {
			t.Errorf("path %d: %v", i, ok)
		}
	}
	if id, ok := internIn(p, ids(1)); !ok || id != 2 {
		t.Errorf("known path: %d, %v", id, ok)
	}
	var long []asID
	for range 2*meanHops + 1 {
		long = append(long, 1)
	}
	if _, ok := internIn(newPathTable(2), long); ok {
		t.Error("a path longer than the table may be was taken")
	}
}

// TestSweepKeepsWhatIsPendingAndWatched lets a small table sweep before every
// range while routes wait for their quorum.
func TestSweepKeepsWhatIsPendingAndWatched(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	s.c.paths.sweep = 0
	for i, q := range p {
		s.change(established+route.Time(i), q, before, bad, inflated)
		s.change(established+route.Time(i), q, before, asns(route.ASN(1000+i), 64500), 0) // of another prefix, gone at once
		s.c.paths.sweep = 0
		s.change(established+route.Time(i), q, asns(route.ASN(1000+i), 64500), bad, inflated)
		s.c.paths.sweep = 0
	}
	s.until(established + route.Minute)
	expect(s, "1 firing AS701 3/3 ")
	if got := s.alerts[0].Samples[2]; !slices.Equal(got.After[1:], bad) {
		t.Errorf("sample after sweeps: %v", got)
	}
	s.c.paths.sweep = 0
	s.until(established + 2*route.Minute)
	if n := s.c.Stats().Paths; n > 6 {
		t.Errorf("%d paths are held", n)
	}
}

// internIn takes ids for ASNs.
func internIn(p *pathTable, hops []asID) (pathID, bool) {
	path := make([]route.ASN, len(hops))
	for i, h := range hops {
		path[i] = route.ASN(h)
	}
	if id := p.find(path); id != 0 {
		return id, true
	}
	return p.add(path, hops)
}

func ids(list ...asID) []asID { return append([]asID{}, list...) }

// TestSweepKeepsPathsThatOpenIncidentsLookedAt: such a path is known to show the
// leaker although nothing on it is fresh any more.
func TestSweepKeepsPathsThatOpenIncidentsLookedAt(t *testing.T) {
	p := newPathTable(8)
	for i := range asID(4) {
		if id, ok := internIn(p, []asID{1, 2, i}); !ok || !p.mark(id, 10+i) {
			t.Fatal("not taken")
		}
	}
	named, gone := p.find([]route.ASN{1, 2, 3}), p.find([]route.ASN{1, 2, 0})
	p.keep(func(rename func(*pathID)) { rename(&named) }, map[uint32]bool{11: true, 12: true})
	for last, mark := range map[route.ASN]uint32{1: 11, 2: 12, 3: 13} {
		if id := p.find([]route.ASN{1, 2, last}); id == 0 || p.marks[id] != mark {
			t.Errorf("path to %v is %d", last, id)
		}
	}
	if gone == 0 || p.find([]route.ASN{1, 2, 0}) != 0 || p.count() != 3 {
		t.Errorf("%d paths are left", p.count())
	}
}
