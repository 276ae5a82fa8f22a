package topo

import (
	"slices"

	"detour/route"
)

// csr is an adjacency: the neighbours of node n are to[start[n]:start[n+1]].
type csr struct {
	start []int32
	to    []int32
}

func (c *csr) of(n int32) []int32 { return c.to[c.start[n]:c.start[n+1]] }

// Solver finds the best path of ASes for one announcement after the other. It
// owns about 24 bytes for each AS of the graph and 4 for each link that it
// looks at, and serves one goroutine.
//
// Preference is Gao–Rexford: customer over peer over provider, then the
// shortest path, then a hash of the next hop that differs from AS to AS.
// Routes of customers go to everyone, others to customers only; siblings give
// each other everything.
type Solver struct {
	g          *Graph
	peer, cust csr // as far as anyone needed stands there

	labels  []label
	gen     uint32
	buckets [int(classes) << lenBits][]int32
	top     int // no bucket from here on holds a node

	plan    Plan
	refuse  []uint32 // by node: seeds on whose paths it stands
	marked  []int32  // nodes with a refusal or a cut
	cutAt   []bool   // by node: cuts names it as a sender
	cuts    []gap
	resalts []int32
}

// gap is a direction in which the routes of one seed do not pass.
type gap struct {
	from, to int32
	seed     uint8
}

// anySeed in a gap means all of them.
const anySeed = seedsMax

// NewSolver makes a Solver for the paths of vps alone; nil means every AS.
// Routes of others are found as far as these need them: of their providers,
// and the providers of those, always. An AS that is not in the graph is left out.
func (g *Graph) NewSolver(vps []route.ASN) *Solver {
	n := len(g.asns)
	s := &Solver{g: g, labels: make([]label, n), refuse: make([]uint32, n), cutAt: make([]bool, n)}
	need := g.needed(vps)
	s.peer = g.restrict(Peer, need)
	s.cust = g.restrict(Customer, need)
	return s
}

// needed returns the ASes on whose routes those of vps may rest: theirs, their
// providers' and siblings', and so on upwards.
func (g *Graph) needed(vps []route.ASN) []bool {
	need := make([]bool, len(g.asns))
	var todo []int32
	add := func(v int32) {
		if !need[v] {
			need[v] = true
			todo = append(todo, v)
		}
	}
	if vps == nil {
		for i := range need {
			need[i] = true
		}
	}
	for _, a := range vps {
		if v, ok := g.index[a]; ok {
			add(v)
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, r := range []Rel{Provider, Sibling} {
			for _, w := range g.near(v, r) {
				add(w)
			}
		}
	}
	return need
}

// restrict returns the links to neighbours with relation r that are needed.
func (g *Graph) restrict(r Rel, need []bool) csr {
	c := csr{start: make([]int32, len(g.asns)+1)}
	for v := range g.asns {
		for _, w := range g.near(int32(v), r) {
			if need[w] {
				c.to = append(c.to, w)
			}
		}
		c.start[v+1] = int32(len(c.to))
	}
	c.to = slices.Clip(c.to)
	return c
}
