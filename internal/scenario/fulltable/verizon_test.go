package fulltable

import (
	"slices"
	"testing"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// table is one of 3,000 networks.
func table(t testing.TB, peers int) *topo.Table {
	t.Helper()
	g, err := topo.Generate(topo.Config{ASes: 3000}, 1)
	if err != nil {
		t.Fatal(err)
	}
	include := []route.ASN{701, 3356, 1299}
	out, err := topo.NewTable(g, topo.TableConfig{Peers: peers, Prefixes4: 40_000, Include: include}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func leak(t testing.TB, table *topo.Table, cfg VerizonConfig) *Verizon {
	t.Helper()
	v, err := NewVerizon(table, cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// replay holds what the peers have, element by element.
type replay struct {
	peers map[uint32]bool
	bad   map[route.Prefix]route.ASN // origin of every prefix that was leaked
	now   map[route.Prefix]map[uint32][]route.ASN
	last  route.Time
}

func (r *replay) run(t *testing.T, v *Verizon) {
	r.peers, r.bad = map[uint32]bool{}, map[route.Prefix]route.ASN{}
	r.now = map[route.Prefix]map[uint32][]route.ASN{}
	v.Elements(func(e scenario.Element) bool {
		if e.At < r.last {
			t.Fatalf("%v comes after %v", e.At, r.last)
		}
		r.last = e.At
		if e.Bad {
			r.peers[e.Peer] = true
			r.bad[e.Prefix] = e.Path[len(e.Path)-1]
		}
		if r.now[e.Prefix] == nil {
			r.now[e.Prefix] = map[uint32][]route.ASN{}
		}
		r.now[e.Prefix][e.Peer] = e.Path
		return true
	})
}

func TestTheLeakOf2019HasItsSize(t *testing.T) {
	table := table(t, 10)
	v := leak(t, table, VerizonConfig{Origins: 2000}) // of 3,000 networks not all can be leaked
	var r replay
	r.run(t, v)
	origins, first, ms := map[route.ASN]int{}, 0, 0
	for p, o := range r.bad {
		origins[o]++
		if !table.Has(o, p) {
			ms++
		}
	}
	for o, n := range origins {
		if o != 13335 {
			first = max(first, n)
		}
	}
	if len(r.bad) < 20_000 || len(origins) != 2000 || ms < 8_000 || ms > 14_000 {
		t.Errorf("%d prefixes of %d origins, %d more-specifics", len(r.bad), len(origins), ms)
	}
	if origins[13335] <= first {
		t.Errorf("AS13335 has %d, another %d", origins[13335], first)
	}
	for _, p := range mustLeak() {
		if r.bad[p] == 0 {
			t.Errorf("%v is not among them", p)
		}
	}
	f := v.Facts()
	if f.Prefixes != len(r.bad) || f.Origins != len(origins) || f.MoreSpecifics != ms || f.Peers != len(r.peers) {
		t.Errorf("facts %+v", f)
	}
	if f.Start != route.Time(1561372461)*route.Second || r.last > f.Gone {
		t.Errorf("from %v, last at %v", f, r.last)
	}
}

func TestLeakedPathsEndInTheTripletAndHaveNoLoop(t *testing.T) {
	table := table(t, 20)
	for _, cfg := range []VerizonConfig{{}, {Peers: 1000}, {Behind: 174}} {
		cfg.Prefixes, cfg.Origins, cfg.Ramp = 2000, 300, 10*route.Second
		v := leak(t, table, cfg)
		behind := v.cfg.Behind
		v.Elements(func(e scenario.Element) bool {
			i := slices.Index(e.Path, Leaker)
			switch {
			case !e.Bad && i >= 0, e.Bad && i < 1:
				t.Fatalf("bad %v: %v", e.Bad, e.Path)
			case e.Bad && !slices.Equal(e.Path[i-1:i+3], []route.ASN{Propagator, Leaker, Source, behind}):
				t.Fatalf("no triplet: %v", e.Path)
			}
			if e.Path != nil && e.Path[0] != table.PeerASNs()[e.Peer] {
				t.Fatalf("%v at AS%v", e.Path, table.PeerASNs()[e.Peer])
			}
			if unique := slices.Compact(slices.Clone(e.Path)); len(unique) != len(slices.Compact(sorted(unique))) {
				t.Fatalf("loop: %v", e.Path)
			}
			return true
		})
	}
}

func sorted(a []route.ASN) []route.ASN {
	a = slices.Clone(a)
	slices.Sort(a)
	return a
}

// TestAfterTheLeakEveryPeerHasWhatItHad holds the end against the table.
func TestAfterTheLeakEveryPeerHasWhatItHad(t *testing.T) {
	table := table(t, 12)
	v := leak(t, table, VerizonConfig{Prefixes: 3000, Origins: 400, Hold: 10 * route.Minute, Exact: 40})
	var r replay
	r.run(t, v)
	view := table.NewView()
	for p, o := range r.bad {
		for peer, path := range r.now[p] {
			var want []route.ASN
			for _, a := range table.Atoms(o) {
				if slices.Contains(a.Prefixes, p) {
					want, _ = view.AppendPath(nil, int(peer), a)
				}
			}
			if !slices.Equal(path, want) {
				t.Fatalf("%v at peer %d: %v, want %v", p, peer, path, want)
			}
		}
	}
}

func TestAsManyPeersHearAsAreForced(t *testing.T) {
	table := table(t, 50)
	for _, n := range []int{1, 10, 40} {
		v := leak(t, table, VerizonConfig{Prefixes: 1000, Origins: 200, Peers: n})
		var r replay
		r.run(t, v)
		if len(r.peers) != n || v.Facts().Peers != n {
			t.Errorf("%d peers hear, facts say %d, want %d", len(r.peers), v.Facts().Peers, n)
		}
	}
}

func TestTheLeakIsTheSameEachTime(t *testing.T) {
	table := table(t, 8)
	list := func(v *Verizon) (out []scenario.Element) {
		v.Elements(func(e scenario.Element) bool {
			out = append(out, e)
			return len(out) < 30_000
		})
		return out
	}
	same := func(a, b scenario.Element) bool {
		return a.At == b.At && a.Peer == b.Peer && a.Prefix == b.Prefix && slices.Equal(a.Path, b.Path) && a.Bad == b.Bad
	}
	cfg := VerizonConfig{Prefixes: 2000, Origins: 300}
	v := leak(t, table, cfg)
	a, b, again := list(v), list(leak(t, table, cfg)), list(v)
	if !slices.EqualFunc(a, b, same) || !slices.EqualFunc(a, again, same) {
		t.Error("two runs differ")
	}
}

func TestALeakThatCannotBeIsAnError(t *testing.T) {
	small := table(t, 3)
	for name, cfg := range map[string]VerizonConfig{
		"too many prefixes": {Prefixes: 10_000_000},
		"too many origins":  {Origins: 5000},
		"no such provider":  {Behind: 1299},
		"it ends too soon":  {Ramp: 2 * route.Minute, Hold: route.Minute},
	} {
		if _, err := NewVerizon(small, cfg, 1); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
