package scenario

import (
	"slices"

	"detour/route"
)

// vicinity lists the neighbours of a network that show any route.
type vicinity struct{ customers, peers, providers []route.ASN }

func (s *story) vicinityOf(a route.ASN) vicinity {
	v, ok := s.near[a]
	if ok {
		return v
	}
	shown := func(from []route.ASN) (out []route.ASN) {
		for _, n := range from {
			if len(s.tails[n]) > 0 || len(s.ofOrigin[n]) > 0 {
				out = append(out, n)
			}
		}
		return out
	}
	v = vicinity{shown(s.rel.Customers(a)), shown(s.rel.Peers(a)), shown(s.rel.Providers(a))}
	s.near[a] = v
	return v
}

// around returns another path of the peer for the route q that no broken link is
// on; nil if none is known. The network before the first broken link chooses as
// networks do, customers before peers before providers, then the shorter way. If
// it has no way, the one before it chooses.
func (s *story) around(q slot, broken func(edge) bool) []route.ASN {
	path := s.path(q)
	first := 0
	for first+1 < len(path) && !broken(edge{path[first], path[first+1]}) {
		first++
	}
	if first+1 >= len(path) {
		return nil
	}
	for at := first; at >= 0; at-- {
		if rest := s.otherWay(q, path, at, first+1, broken); rest != nil {
			if out := join(path[:at+1], rest); s.plausible(out, path, rest) {
				return out
			}
		}
	}
	return nil
}

// otherWay is what the network path[at] would use instead. What follows behind,
// where the broken link ends, may be joined again from the side.
func (s *story) otherWay(q slot, path []route.ASN, at, behind int, broken func(edge) bool) []route.ASN {
	a, origin := path[at], path[len(path)-1]
	v := s.vicinityOf(a)
	classes := [][]route.ASN{v.customers}
	if at == 0 || !s.above(path[at-1], a) {
		classes = append(classes, v.peers, v.providers)
	}
	for _, class := range classes {
		var best []route.ASN
		for _, c := range class {
			if has(path[:at+1], c) || broken(edge{a, c}) {
				continue
			}
			ways := [][]route.ASN{s.offered(c, a, q.prefix), nil, nil}
			if c == origin {
				ways[1] = []route.ASN{c}
			}
			if s.customerOf(path[behind], c) {
				ways[2] = join([]route.ASN{c}, path[behind:])
			}
			for _, w := range ways {
				if w != nil && (best == nil || len(w) < len(best)) && disjoint(w, path[:at+1]) && !crosses(w, broken) &&
					!looped(w) {
					best = w
				}
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

func crosses(path []route.ASN, broken func(edge) bool) bool {
	for i := 1; i < len(path); i++ {
		if broken(edge{path[i-1], path[i]}) {
			return true
		}
	}
	return false
}

// explore returns up to n paths, none shorter than the route's own, that its
// peer may try while the route goes away: other ways to a network on its path,
// then what is left without its first links.
func (s *story) explore(q slot, n int) (out [][]route.ASN) {
	u := s.path(q)
	offer := func(path []route.ASN) {
		if len(out) < n && len(path) >= len(u) && !slices.Equal(path, u) && !looped(path) &&
			(len(out) == 0 || !slices.Equal(path, out[0])) {
			out = append(out, path)
		}
	}
	for i := 1; i+1 < len(u) && len(out) < n; i++ {
		for _, other := range s.waysTo(u[i], q.peer) {
			if path := join(other.path, u[i+1:]); s.plausible(path, other.path, u) {
				offer(path)
			}
		}
	}
	for i := 0; i+1 < len(u) && len(out) < n; i++ {
		offer(s.around(q, func(e edge) bool { return e == edge{u[i], u[i+1]} }))
	}
	return out
}

// fade withdraws a route after up to two others.
func (s *story) fade(q slot, at, stretch route.Time, bad bool) {
	p := s.prefixes[q.prefix]
	for _, path := range s.explore(q, s.r.IntN(3)) {
		s.add(Element{At: at, Peer: q.peer, Prefix: p, Path: path, Bad: bad})
		at += 1 + route.Time(s.r.Int64N(int64(stretch)))
	}
	s.add(Element{At: at, Peer: q.peer, Prefix: p, Bad: bad})
}
