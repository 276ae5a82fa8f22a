package topo

import (
	"slices"
	"testing"

	"detour/route"
)

func mustGenerate(t testing.TB, ases int, seed uint64) *Graph {
	t.Helper()
	g, err := Generate(Config{ASes: ases}, seed)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestASeedGivesOneGraph(t *testing.T) {
	a, b, c := mustGenerate(t, 3000, 1), mustGenerate(t, 3000, 1), mustGenerate(t, 3000, 2)
	if !slices.Equal(a.asns, b.asns) || !slices.Equal(a.adj, b.adj) || !slices.Equal(a.start, b.start) {
		t.Error("the same seed gives another graph")
	}
	if slices.Equal(a.adj, c.adj) {
		t.Error("another seed gives the same graph")
	}
}

func TestSizesAreThoseAskedFor(t *testing.T) {
	g := mustGenerate(t, 3000, 1)
	if g.Len() != 3000 {
		t.Errorf("%d ASes", g.Len())
	}
	transit, orphans := 0, 0
	for _, a := range g.ASNs() {
		if !a.Public() {
			t.Errorf("AS%v is not public", a)
		}
		if len(g.Customers(a)) > 0 {
			transit++
		}
		if len(g.Providers(a))+len(g.Near(a, Sibling)) == 0 && !slices.Contains(g.Peers(a), 3356) && a != 3356 {
			orphans++
		}
	}
	if share := transit * 100 / g.Len(); share < 10 || share > 16 {
		t.Errorf("%d %% of the networks have customers", share)
	}
	if orphans > 0 {
		t.Errorf("%d networks hang on nobody", orphans)
	}
	if _, err := Generate(Config{ASes: 10}, 1); err == nil {
		t.Error("ten networks were accepted")
	}
}

func TestNamedNetworksHaveTheNeighboursOfTheTable(t *testing.T) {
	g := mustGenerate(t, 3000, 7)
	for _, list := range [][]namedAS{named, namedEdges} {
		for _, n := range list {
			check := func(others []route.ASN, want Rel) {
				for _, b := range others {
					if r, ok := g.Relation(n.asn, b); !ok || r != want {
						t.Errorf("AS%v to AS%v: %v %v, want %v", b, n.asn, r, ok, want)
					}
				}
			}
			check(n.providers, Provider)
			check(n.peers, Peer)
			if n.alone && n.tier != tierOne && !slices.Equal(sorted(n.providers), g.Providers(n.asn)) {
				t.Errorf("AS%v has providers %v", n.asn, g.Providers(n.asn))
			}
		}
	}
}

func sorted(a []route.ASN) []route.ASN {
	a = slices.Clone(a)
	slices.Sort(a)
	return a
}

func TestNobodyIsItsOwnProvider(t *testing.T) {
	g := mustGenerate(t, 3000, 3)
	state := make([]uint8, g.Len()) // 1 on the way up, 2 done
	var climb func(v int32) bool
	climb = func(v int32) bool {
		state[v] = 1
		for _, p := range g.near(v, Provider) {
			if state[p] == 1 || state[p] == 0 && !climb(p) {
				return false
			}
		}
		state[v] = 2
		return true
	}
	for v := range g.Len() {
		if state[v] == 0 && !climb(int32(v)) {
			t.Fatalf("AS%v is above itself", g.asns[v])
		}
	}
}

// TestPathsGoUpOnceAcrossOnceAndDown holds valley-freeness on a graph of some
// size, and that everyone reaches everyone.
func TestPathsGoUpOnceAcrossOnceAndDown(t *testing.T) {
	g := mustGenerate(t, 3000, 5)
	s := g.NewSolver(nil)
	for i := 0; i < g.Len(); i += 97 {
		s.Solve(Own(g.asns[i]))
		for _, vp := range g.ASNs() {
			path, ok := s.Path(nil, vp)
			if !ok {
				t.Fatalf("AS%v does not reach AS%v", vp, g.asns[i])
			}
			if !valleyFree(g, path) {
				t.Fatalf("%v has a valley", path)
			}
		}
	}
}

// valleyFree walks from the origin: up or to siblings, then at most one peer,
// then down.
func valleyFree(g *Graph, path []route.ASN) bool {
	down := false
	for i := len(path) - 1; i > 0; i-- {
		r, ok := g.Relation(path[i], path[i-1])
		switch {
		case path[i] == path[i-1]:
		case !ok:
			return false
		case r == Provider || r == Peer:
			if down {
				return false
			}
			down = r == Peer
		case r == Customer:
			down = true
		}
	}
	return true
}
