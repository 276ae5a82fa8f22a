package scenario

import (
	"fmt"
	"slices"

	"detour/route"
)

const bigCone = 60 // origins

// smallProvider gives a network with 5 to 60 origins in its cone a further
// provider.
func (s *story) smallProvider() string { return s.newProvider(5, bigCone) }

// bigProvider gives one to a network with more.
func (s *story) bigProvider() string { return s.newProvider(bigCone, 100_000) }

func (s *story) newProvider(fewest, most int) string {
	m, to := pick(s.r, s.carriers), pick(s.r, s.transits)
	if len(s.rel.Providers(m)) == 0 || s.neighboursOnPaths(m, to) || member(s.rel.Providers(to), m) ||
		len(s.rel.Customers(to)) < max(20, len(s.rel.Customers(m))) {
		return ""
	}
	cone := map[route.ASN]bool{}
	for _, t := range s.tails[m] {
		if path := s.tailPath(t); !s.above(path[1], m) {
			cone[path[len(path)-1]] = true
		}
	}
	if len(cone) < fewest || len(cone) > most {
		return ""
	}
	for _, q := range s.passing(m) {
		by := s.wayTo(to, q.peer)
		if q.at > 0 && q.at < len(q.path)-1 && q.peer%2 == 0 && by != nil && !has(by, m) &&
			!s.above(q.path[q.at+1], m) {
			path := join(by, q.path[q.at:])
			s.splice(s.within(0, route.Minute), q.peer, s.prefixes[q.prefix], path, by, q.path)
		}
	}
	if len(s.c.Elements) < 20 {
		return ""
	}
	return fmt.Sprintf("%v with %d origins buys from %v too: %d routes", m, len(cone), to, len(s.c.Elements))
}

func (k *Knowledge) neighboursOnPaths(a, b route.ASN) bool {
	return k.edges[edge{a, b}] > 0 || k.edges[edge{b, a}] > 0
}

// dePeering takes a link with at least ten origins behind it away. What crossed
// it goes over the one neighbour of its near end that can carry most.
func (s *story) dePeering() string {
	e := pick(s.r, s.links)
	if s.edges[e] < 10 {
		return ""
	}
	hit := s.crossing(e)
	if len(hit) < 20 {
		return ""
	}
	best, carries := route.ASN(0), 0
	for _, c := range slices.Concat(s.rel.Providers(e.from), s.rel.Peers(e.from)) {
		n := 0
		if c == e.to || len(s.tails[c]) < 10 {
			continue
		}
		for _, q := range hit {
			if s.offered(c, e.from, q.prefix) != nil {
				n++
			}
		}
		if n > carries || n == carries && n > 0 && c < best {
			best, carries = c, n
		}
	}
	if carries < 10 {
		return ""
	}
	direct := s.customerOf(e.to, best) || s.customerOf(e.from, best) && s.peering(best, e.to)
	for _, q := range hit {
		rest := s.offered(best, e.from, q.prefix)
		if rest == nil && direct {
			rest = join([]route.ASN{best}, q.path[q.at+1:])
		}
		if rest != nil {
			path := join(q.path[:q.at+1], rest)
			s.splice(s.within(0, route.Minute), q.peer, s.prefixes[q.prefix], path, q.path, rest)
		}
	}
	if len(s.c.Elements) < 10 {
		return ""
	}
	return fmt.Sprintf("%v loses %v with %d origins, goes over %v: %d routes",
		e.from, e.to, s.edges[e], best, len(s.c.Elements))
}

// offered is the way that c would tell its customer or peer a; nil if none.
func (k *Knowledge) offered(c, a route.ASN, prefix int32) []route.ASN {
	path := k.wayFrom(c, prefix)
	if path == nil || has(path, a) || !k.customerOf(a, c) && !k.customerOf(path[1], c) {
		return nil
	}
	return path
}
