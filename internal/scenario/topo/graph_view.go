package topo

import "detour/route"

// Len returns the number of ASes.
func (g *Graph) Len() int { return len(g.asns) }

// Links returns the number of links.
func (g *Graph) Links() int { return len(g.adj) / 2 }

// ASNs returns all ASes, ascending; shared, read-only.
func (g *Graph) ASNs() []route.ASN { return g.asns }

// Has reports whether a is in the graph.
func (g *Graph) Has(a route.ASN) bool {
	_, ok := g.index[a]
	return ok
}

// Near returns the neighbours of a that are r to it, ascending; shared,
// read-only; empty for an unknown AS.
func (g *Graph) Near(a route.ASN, r Rel) []route.ASN {
	n, ok := g.index[a]
	if !ok {
		return nil
	}
	s := rels*n + int32(r)
	return g.adjAS[g.start[s]:g.start[s+1]]
}

// Providers returns the providers of a, as Near does.
func (g *Graph) Providers(a route.ASN) []route.ASN { return g.Near(a, Provider) }

// Peers returns the peers of a, as Near does.
func (g *Graph) Peers(a route.ASN) []route.ASN { return g.Near(a, Peer) }

// Customers returns the customers of a, as Near does.
func (g *Graph) Customers(a route.ASN) []route.ASN { return g.Near(a, Customer) }

// Relation returns what b is to a, and whether the two are linked.
func (g *Graph) Relation(a, b route.ASN) (Rel, bool) {
	i, ok := g.index[a]
	j, ok2 := g.index[b]
	if !ok || !ok2 {
		return 0, false
	}
	return g.relation(i, j)
}

// Each yields every link once, a < b, ascending; b is r to a.
func (g *Graph) Each(yield func(a, b route.ASN, r Rel) bool) {
	for n, a := range g.asns {
		for r := range Rel(rels) {
			for _, b := range g.near(int32(n), r) {
				if int32(n) < b && !yield(a, g.asns[b], r) {
					return
				}
			}
		}
	}
}
