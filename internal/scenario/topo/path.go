package topo

import (
	"cmp"
	"slices"

	"detour/route"
)

// Path appends the best path of vp under the last plan, vp first, prepends
// kept, and reports whether it has one. A route that a Seed brings with To is
// no route of its At.
func (s *Solver) Path(dst []route.ASN, vp route.ASN) ([]route.ASN, bool) {
	v, ok := s.g.index[vp]
	if !ok {
		return dst, false
	}
	return s.pathOf(dst, v)
}

func (s *Solver) pathOf(dst []route.ASN, v int32) ([]route.ASN, bool) {
	if s.labels[v].gen != s.gen {
		return dst, false
	}
	for {
		l := &s.labels[v]
		if l.parent == fromOwn {
			return append(dst, s.plan.Seeds[l.seed].Path...), true
		}
		dst = append(dst, s.g.asns[v])
		if l.parent == fromInject {
			return append(dst, s.plan.Seeds[l.seed].Path...), true
		}
		v = l.parent
	}
}

// Route is what a Solver knows of one AS's best route.
type Route struct {
	From Rel // what the next hop is to the AS, for siblings what the route came in as; Customer for its own
	Seed int // index into the plan's seeds
	Hops int // length of the path without the AS itself, prepends counted
}

// Route returns the best route of vp under the last plan.
func (s *Solver) Route(vp route.ASN) (Route, bool) {
	v, ok := s.g.index[vp]
	if !ok || s.labels[v].gen != s.gen {
		return Route{}, false
	}
	l := s.labels[v]
	r := Route{
		From: [classes]Rel{Customer, Peer, Provider}[l.key>>lenBits],
		Seed: int(l.seed),
		Hops: int(l.key & (1<<lenBits - 1)),
	}
	if l.parent == fromOwn {
		r.Hops = len(s.plan.Seeds[l.seed].Path) - 1
	}
	return r, true
}

// Alternatives returns the next hops that offer vp a route under the last plan
// besides the one it uses, best first: what is explored when that one goes. vp
// must be among the ASes that the Solver was made for.
func (s *Solver) Alternatives(vp route.ASN) []route.ASN {
	v, ok := s.g.index[vp]
	if !ok {
		return nil
	}
	type choice struct {
		key  uint16
		tie  uint64
		next int32
	}
	var found []choice
	for r := range Rel(rels) {
		for _, w := range s.g.near(v, r) {
			if key, ok := s.offered(w, v, r); ok {
				found = append(found, choice{key, s.tie(v, s.g.asns[w]), w})
			}
		}
	}
	slices.SortFunc(found, func(a, b choice) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.tie, b.tie), cmp.Compare(a.next, b.next))
	})
	out := make([]route.ASN, len(found))
	for i, c := range found {
		out[i] = s.g.asns[c.next]
	}
	return out
}

// offered returns the key of the route that v gets from w, which is r to it,
// unless v uses it or may not have it.
func (s *Solver) offered(w, v int32, r Rel) (uint16, bool) {
	l := s.labels[w]
	if l.gen != s.gen || s.refuse[v]&(1<<l.seed) != 0 || s.isCut(w, v, l.seed) {
		return 0, false
	}
	class, length := l.key>>lenBits, l.key&(1<<lenBits-1)
	if class != classCustomer && (r == Customer || r == Peer) {
		return 0, false // w gives these to its customers and siblings only
	}
	for u := w; u >= 0; u = s.labels[u].parent {
		if u == v {
			return 0, false
		}
	}
	if own := s.labels[v]; own.gen == s.gen && own.parent == w {
		return 0, false
	}
	if l.parent == fromOwn {
		length = uint16(len(s.plan.Seeds[l.seed].Path)) - 1
	}
	return classOf(r, class)<<lenBits | (length + 1), true
}
