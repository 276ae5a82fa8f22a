package rib

import "detour/route"

// maxEdges bounds the set of first hops that were told.
const maxEdges = 1 << 22

// NodeReport is a path-tree node as the correlator learns it: an AS, the two
// behind it, and the origin; 0 stands for a break and what lies behind it, or
// for none.
type NodeReport struct{ AS, Next, Third, Origin route.ASN }

// Report calls f for each hop of n's path that was not told before, nearest
// the vantage point first, and marks it told (docs/state.md §6).
func (r *RIB) Report(n Node, f func(NodeReport)) {
	for h := &r.tree.nodes[n]; h.length != 0 && h.flags&nodeReported == 0; h = &r.tree.nodes[n] {
		h.flags |= nodeReported
		if h.as != 0 && h.flags&nodeLoop == 0 {
			next := &r.tree.nodes[h.parent]
			rep := NodeReport{AS: r.as.asn(h.as), Next: r.as.asn(next.as)}
			if next.as != 0 {
				rep.Third = r.as.asn(r.tree.nodes[next.parent].as)
			}
			if h.flags&nodeGap == 0 {
				rep.Origin = r.as.asn(h.origin)
			}
			f(rep)
		}
		n = h.parent
	}
}

// Edge reports whether a peer's first hop is seen for the first time, and which
// AS it is; 0 when the path has none that may be learned.
func (r *RIB) Edge(pe Peer, path *Path) (as route.ASN, first bool) {
	h := &r.tree.nodes[path.Node]
	if h.length == 0 || h.as == 0 || path.Flags&PathCut != 0 {
		return 0, false
	}
	if path.Flags&PathVirtual != 0 && !r.peers[pe].internal {
		return 0, false
	}
	key := (uint64(pe)+1)<<32 | uint64(h.as)
	if r.edges.Len() >= maxEdges && r.edges.Get(key) == nil {
		r.Counters.EdgesRefused++
		return 0, false
	}
	_, first = r.edges.Put(key)
	return r.as.asn(h.as), first
}
