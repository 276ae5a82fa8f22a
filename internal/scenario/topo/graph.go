package topo

import (
	"cmp"
	"fmt"
	"slices"

	"detour/route"
)

// Rel says what the other side of a link is to an AS.
type Rel uint8

// Relations, in the order in which a Graph keeps the neighbours of an AS.
const (
	Provider Rel = iota
	Sibling      // the same organisation: everything is exported, the route keeps its class
	Peer
	Customer
)

// rels is the number of relations.
const rels = 4

// reverse returns what A is to B, r being what B is to A.
func (r Rel) reverse() Rel {
	switch r {
	case Provider:
		return Customer
	case Customer:
		return Provider
	}
	return r
}

// String returns the relation in words.
func (r Rel) String() string {
	return [rels]string{"provider", "sibling", "peer", "customer"}[r]
}

// Links yields links; b is r to a. Only the first link between two networks
// counts.
type Links func(yield func(a, b route.ASN, r Rel) bool)

// Graph is a set of ASes with their relationships. It is read-only once made.
// Inside, ASes are numbered from 0 in the order of their ASNs.
type Graph struct {
	asns  []route.ASN
	index map[route.ASN]int32
	start []int32     // 4n+1: neighbours of node n with relation r begin at start[4n+r]
	adj   []int32     // neighbours as node numbers, ascending within a relation
	adjAS []route.ASN // the same as ASNs
}

// NewGraph reads links. It refuses AS 0 and more networks than a table of
// 2^24 holds; links of an AS to itself are left out.
func NewGraph(links Links) (*Graph, error) {
	g := &Graph{index: map[route.ASN]int32{}}
	var all []link
	bad := false
	links(func(a, b route.ASN, r Rel) bool {
		bad = bad || a == 0 || b == 0 || r >= rels
		if a != b {
			all = append(all, link{a, b, r})
		}
		return !bad
	})
	if bad {
		return nil, fmt.Errorf("read links: AS 0 or an unknown relation")
	}
	g.number(all)
	if len(g.asns) > 1<<24 {
		return nil, fmt.Errorf("read links: %d networks are too many", len(g.asns))
	}
	g.connect(firstOfEach(all))
	return g, nil
}

type link struct {
	a, b route.ASN
	r    Rel // what b is to a
}

// number gives node numbers in the order of ASNs.
func (g *Graph) number(links []link) {
	for _, l := range links {
		g.asns = append(g.asns, l.a, l.b)
	}
	slices.Sort(g.asns)
	g.asns = slices.Clone(slices.Compact(g.asns))
	for i, a := range g.asns {
		g.index[a] = int32(i)
	}
}

// firstOfEach turns links so that a < b, and keeps the first between two ASes.
func firstOfEach(links []link) []link {
	for i, l := range links {
		if l.a > l.b {
			links[i] = link{l.b, l.a, l.r.reverse()}
		}
	}
	slices.SortStableFunc(links, func(x, y link) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return slices.CompactFunc(links, func(x, y link) bool { return x.a == y.a && x.b == y.b })
}

// connect fills the adjacency. Links come in the order (a, b), so that for
// every node first its lower and then its higher neighbours arrive, ascending.
func (g *Graph) connect(links []link) {
	n := len(g.asns)
	g.start = make([]int32, rels*n+1)
	slot := func(a route.ASN, r Rel) int32 { return rels*g.index[a] + int32(r) }
	for _, l := range links {
		g.start[slot(l.a, l.r)+1]++
		g.start[slot(l.b, l.r.reverse())+1]++
	}
	for i := range rels * n {
		g.start[i+1] += g.start[i]
	}
	g.adj = make([]int32, 2*len(links))
	next := slices.Clone(g.start)
	put := func(a, b route.ASN, r Rel) {
		s := slot(a, r)
		g.adj[next[s]] = g.index[b]
		next[s]++
	}
	for _, l := range links {
		put(l.b, l.a, l.r.reverse())
	}
	for _, l := range links {
		put(l.a, l.b, l.r)
	}
	g.adjAS = make([]route.ASN, len(g.adj))
	for i, v := range g.adj {
		g.adjAS[i] = g.asns[v]
	}
}

// near returns the neighbours of node n that are r to it.
func (g *Graph) near(n int32, r Rel) []int32 {
	s := rels*n + int32(r)
	return g.adj[g.start[s]:g.start[s+1]]
}

// relation returns what node b is to node a.
func (g *Graph) relation(a, b int32) (Rel, bool) {
	for r := range Rel(rels) {
		if _, ok := slices.BinarySearch(g.near(a, r), b); ok {
			return r, true
		}
	}
	return 0, false
}
