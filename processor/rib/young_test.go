package rib

import (
	"testing"

	"detour/route"
)

// newsAt shows a path of one hop behind a new peer at t, as news, and returns its
// node.
func newsAt(t *testing.T, r *RIB, pe Peer, at route.Time, hop route.ASN) *node {
	t.Helper()
	r.Advance(at)
	p, ok := r.Path(pe, &route.Path{ASNs: []route.ASN{100, hop, 1}}, true)
	if !ok {
		t.Fatal("no room")
	}
	return &r.tree.nodes[p.Node]
}

// TestYouthEnds: after 15 minutes at the earliest and 124 s later at the latest,
// wherever in its unit the birth was; it comes round after two years only.
func TestYouthEnds(t *testing.T) {
	const years = route.Time(birthMask+1) * birthUnit
	for _, start := range []route.Time{1e15, 1e15 + 63*route.Second, 1e15 + birthUnit - 1, years - 1, 3*years - 5} {
		r := New(Config{})
		pe, _ := r.AddPeer(route.Peer{ASN: 100})
		h := newsAt(t, r, pe, start, 10)
		for _, c := range []struct {
			later route.Time
			want  bool
		}{
			{0, true},
			{Young - 1, true},
			{Young, true},
			{Young + 124*route.Second, false},
			{48 * 24 * route.Hour, false},
			{years/2 + 1, false},
			{years - birthUnit, false},
		} {
			if r.Advance(start + c.later); r.tree.young(h) != c.want {
				t.Errorf("born at %d, young %d s later: %t", start, c.later/route.Second, !c.want)
			}
		}
		if r.Advance(start + years); !r.tree.young(h) {
			t.Error("a node that nobody met is not young once more after two years: say so in docs/state.md")
		}
	}
}

// TestASweepEndsYouthForGood: what it meets past its youth is never young again.
func TestASweepEndsYouthForGood(t *testing.T) {
	r := New(Config{})
	pe, _ := r.AddPeer(route.Peer{ASN: 100})
	var ch Change
	path := func(news bool) Node {
		p, _ := r.Path(pe, &route.Path{ASNs: []route.ASN{100, 10, 1}}, news)
		r.Announce(pe, route.MustPrefix("10.0.0.0/8").NLRI(0), false, p, FromUpdate, &ch)
		return p.Node
	}
	r.Advance(1e15)
	n := path(true)
	r.SweepNow()
	if !r.tree.young(&r.tree.nodes[n]) || path(true) != n {
		t.Fatal("a sweep ends the youth of what is young, or forgets what is used")
	}
	r.Advance(1e15 + route.Hour)
	r.SweepNow()
	r.Advance(1e15 + (birthMask+1)*birthUnit)
	if r.tree.young(&r.tree.nodes[n]) {
		t.Error("young again")
	}
}

// TestANodeIsNotOlderThanItsParent, also where a table shows it.
func TestANodeIsNotOlderThanItsParent(t *testing.T) {
	r := New(Config{})
	pe, _ := r.AddPeer(route.Peer{ASN: 100})
	r.Advance(1e15)
	show := func(news bool, hops ...route.ASN) uint64 {
		p, _ := r.Path(pe, &route.Path{ASNs: append([]route.ASN{100}, hops...)}, news)
		return r.tree.youngHops(p.Node, p.Judged, 0)
	}
	for _, c := range []struct {
		name string
		news bool
		hops []route.ASN
		want uint64
	}{
		{"a table", false, []route.ASN{10, 20, 1}, 0},
		{"what the table has shown is no news", true, []route.ASN{10, 20, 1}, 0},
		{"news in front of it", true, []route.ASN{30, 10, 20, 1}, 0b001},
		{"news", true, []route.ASN{20, 10, 2}, 0b11},
		{"a table in front of news", false, []route.ASN{30, 20, 10, 2}, 0b111},
	} {
		if got := show(c.news, c.hops...); got != c.want {
			t.Errorf("%s: young hops %b of %v, want %b", c.name, got, c.hops, c.want)
		}
	}
}
