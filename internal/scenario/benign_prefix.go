package scenario

import (
	"fmt"
	"slices"

	"detour/route"
)

// optimise lets an origin with several providers announce both halves of its own
// prefixes, one as the whole goes and one over another provider, and once more a
// minute later the other way round.
func (s *story) optimise() string {
	sl, _ := s.aRoute(2)
	o := s.origin(sl)
	if len(s.rel.Providers(o)) < 2 {
		return ""
	}
	used := map[route.ASN]bool{}
	for _, q := range s.originated(o) {
		a, b, ok := halves(s.prefixes[q.prefix])
		if !ok {
			continue
		}
		to := slices.DeleteFunc(slices.Clone(s.rel.Providers(o)), func(p route.ASN) bool {
			by := s.wayTo(p, q.peer)
			return by == nil || has(by, o) || slices.Equal(by, s.path(q)[:len(s.path(q))-1])
		})
		if len(to) == 0 {
			continue
		}
		p := to[int(q.prefix)%len(to)]
		other := join(s.wayTo(p, q.peer), []route.ASN{o})
		used[p] = true
		for n, paths := range [][2][]route.ASN{{s.raw(q), other}, {other, s.raw(q)}} {
			after := route.Time(n) * route.Minute
			s.splice(s.within(after, 10*route.Second), q.peer, a, paths[0], s.path(q), other[:len(other)-1])
			s.splice(s.within(after, 10*route.Second), q.peer, b, paths[1], s.path(q), other[:len(other)-1])
		}
	}
	if len(s.c.Elements) < fewestMoved {
		return ""
	}
	return fmt.Sprintf("%v moves halves of its prefixes between %d providers: %d routes", o, len(used), len(s.c.Elements))
}

const deaggregated = 16 // the shortest prefix that is split, or two longer

// split lets the origin of a large IPv4 prefix announce all of its /24s.
func (s *story) split() string {
	sl, _ := s.aRoute(1)
	p := s.prefixes[sl.prefix]
	if s.origin(sl) == 0 || p.Family != route.IPv4 || p.Bits < deaggregated || p.Bits > deaggregated+2 {
		return ""
	}
	n := uint64(1) << (24 - p.Bits)
	part := p
	part.Bits = 24
	for i := range n {
		at := s.within(0, 30*route.Second)
		for _, q := range s.at(sl.prefix) {
			s.announce(at+route.Time(s.r.Int64N(int64(10*route.Second))), q.peer, nth(part, i), s.raw(q))
		}
	}
	return fmt.Sprintf("%v splits %v into %d parts", s.origin(sl), p, n)
}

// blackhole lets a transit hand on blackhole routes of 20 to 200 hosts of many
// origins (BLACKHOLE, RFC 7999).
func (s *story) blackhole() string {
	x := pick(s.r, s.transits)
	mark, origins := []byte{0xff, 0xff, 0x02, 0x9a}, map[route.ASN]bool{}
	hosts := 20 + s.r.IntN(181)
	for range hosts {
		sl, _ := s.aRoute(2)
		o, p := s.origin(sl), s.prefixes[sl.prefix]
		if o == 0 {
			continue
		}
		p.Bits = uint8(p.Family.MaxBits())
		if p.Family == route.IPv4 {
			p.Hi |= uint64(1+s.r.IntN(250)) << 32
		} else {
			p.Lo |= uint64(1 + s.r.IntN(1<<16))
		}
		at := s.within(0, 2*route.Minute)
		for peer := range s.bg.Peers {
			by := s.wayTo(x, uint32(peer))
			if path := join(by, []route.ASN{o}); by != nil && !looped(path) && s.plausible(path, by) {
				s.add(Element{At: at, Peer: uint32(peer), Prefix: p, Path: path, Communities: mark})
				s.withdraw(at+s.drawn(3*route.Minute), uint32(peer), p)
				origins[o] = true
			}
		}
	}
	if len(origins) < 10 {
		return ""
	}
	return fmt.Sprintf("%v blackholes hosts of %d origins: %d routes", x, len(origins), len(s.c.Elements)/2)
}

// drawn is a length of time from 1 µs on.
func (s *story) drawn(most route.Time) route.Time { return 1 + route.Time(s.r.Int64N(int64(most))) }

// prepends lets a network with many routes behind it add its ASN up to five
// times more towards one neighbour, or an origin towards all.
func (s *story) prepends() string {
	times, what := 1+s.r.IntN(5), ""
	var hit []passage
	if s.r.IntN(2) == 0 {
		sl, _ := s.aRoute(2)
		o := s.origin(sl)
		for _, q := range s.originated(o) {
			hit = append(hit, passage{q, s.path(q), len(s.path(q)) - 1})
		}
		what = fmt.Sprint(o)
	} else {
		e := pick(s.r, s.links)
		if s.edges[e] < 10 {
			return ""
		}
		for _, q := range s.crossing(e) {
			q.at++
			hit = append(hit, q)
		}
		what = fmt.Sprintf("%v towards %v", e.to, e.from)
	}
	for _, q := range hit {
		if q.at > 0 {
			path := join(q.path[:q.at], slices.Repeat(q.path[q.at:q.at+1], 1+times), q.path[q.at+1:])
			s.announce(s.within(0, 30*route.Second), q.peer, s.prefixes[q.prefix], path)
		}
	}
	if len(s.c.Elements) < fewestMoved {
		return ""
	}
	return fmt.Sprintf("%s prepends %d times: %d routes", what, times, len(s.c.Elements))
}

// migrate hands the prefixes of an origin to its customer or to a network that
// both have a session with: behind the old origin, or in its place.
func (s *story) migrate() string {
	sl, _ := s.aRoute(2)
	o := s.origin(sl)
	routes := s.originated(o)
	if o == 0 || s.prefixCount(routes) < 5 {
		return ""
	}
	kin, behind := s.rel.Customers(o), s.r.IntN(2) == 0
	if !behind {
		kin = slices.Concat(kin, s.rel.Peers(o))
	}
	if len(kin) == 0 {
		return ""
	}
	to, moved := pick(s.r, kin), map[int32]bool{}
	for _, q := range routes {
		u := s.path(q)
		path := join(u, []route.ASN{to})
		if !behind {
			if len(u) < 2 || !s.customerOf(to, u[len(u)-2]) {
				continue
			}
			path = join(u[:len(u)-1], []route.ASN{to})
		}
		if s.announce(s.within(0, route.Minute), q.peer, s.prefixes[q.prefix], path) {
			moved[q.prefix] = true
		}
	}
	if len(moved) < 5 {
		return ""
	}
	return fmt.Sprintf("%v hands %d prefixes to %v, behind itself: %v", o, len(moved), to, behind)
}
