package scenario

import (
	"fmt"
	"slices"

	"detour/route"
)

const fewestMoved = 20 // routes

// topOutage takes a tier-1 network away: what ran through it goes around, a
// third of it after a moment without any route. Routes of its own and of peers
// inside it are left alone.
func (s *story) topOutage() string {
	if len(s.tops) == 0 {
		return ""
	}
	t := pick(s.r, s.tops)
	broken := func(e edge) bool { return e.from == t || e.to == t }
	moved := s.moveAround(s.passing(t), broken, 2*route.Minute, func(q passage) bool {
		return q.at > 0 && q.at < len(q.path)-1
	})
	if moved < fewestMoved {
		return ""
	}
	return fmt.Sprintf("tier 1 %v is away: %d routes go around", t, moved)
}

// exchangeFailure breaks the sessions between half of the networks that peer
// with one.
func (s *story) exchangeFailure() string {
	m := pick(s.r, s.transits)
	at := map[route.ASN]bool{m: true}
	for _, p := range s.rel.Peers(m) {
		if s.load[p] > 0 && s.r.IntN(2) == 0 {
			at[p] = true
		}
	}
	if len(at) < exchangeFewest {
		return ""
	}
	broken := func(e edge) bool { return at[e.from] && at[e.to] && s.peering(e.from, e.to) }
	links := map[edge]bool{}
	var hit []passage
	for _, sl := range s.slots {
		path := s.path(sl)
		for i := 1; i < len(path); i++ {
			if e := (edge{path[i-1], path[i]}); broken(e) {
				links[e] = true
				hit = append(hit, passage{sl, path, i - 1})
				break
			}
		}
	}
	if len(links) < 3 {
		return ""
	}
	moved := s.moveAround(hit, broken, route.Minute, func(passage) bool { return true })
	if moved < fewestMoved {
		return ""
	}
	return fmt.Sprintf("an exchange of %d networks fails: %d routes of %d links go around", len(at), moved, len(links))
}

// moveAround sends the routes another way and counts those that have one.
func (s *story) moveAround(
	hit []passage, broken func(edge) bool, stretch route.Time, wanted func(passage) bool,
) (moved int) {
	for _, q := range hit {
		if !wanted(q) {
			continue
		}
		path := s.around(q.slot, broken)
		if path == nil {
			continue
		}
		at, p := s.within(0, stretch), s.prefixes[q.prefix]
		if s.r.IntN(3) == 0 {
			s.withdraw(at, q.peer, p)
			at += 1 + route.Time(s.r.Int64N(int64(20*route.Second)))
		}
		if s.announce(at, q.peer, p, path) {
			moved++
		}
	}
	return moved
}

// shutdown drains a link: its routes are marked, go around, and come back.
func (s *story) shutdown() string {
	e := pick(s.r, s.links)
	if s.edges[e] < 10 {
		return ""
	}
	hit := s.crossing(e)
	if len(hit) < fewestMoved {
		return ""
	}
	mark := []byte{0xff, 0xff, 0, 0} // GRACEFUL_SHUTDOWN, RFC 8326
	broken := func(l edge) bool { return l == e || l == edge{e.to, e.from} }
	moved := 0
	for _, q := range hit {
		p := s.prefixes[q.prefix]
		s.add(Element{
			At: s.within(0, 20*route.Second), Peer: q.peer, Prefix: p, Path: s.raw(q.slot), Communities: mark,
		})
		path, at := s.around(q.slot, broken), s.within(30*route.Second, route.Minute)
		if path != nil && s.announce(at, q.peer, p, path) {
			moved++
		}
		s.restore(s.within(2*route.Minute, route.Minute), q.peer, p)
	}
	if moved < fewestMoved/2 {
		return ""
	}
	return fmt.Sprintf("%v drains its link to %v: %d routes, %d go around", e.from, e.to, len(hit), moved)
}

// renumber gives a network with a cone a new AS number.
func (s *story) renumber() string {
	return s.replaceASN(func(route.ASN) route.ASN { return s.newASN() }, "is renumbered to")
}

// merge puts a network into a neighbour.
func (s *story) merge() string {
	return s.replaceASN(func(x route.ASN) route.ASN {
		var into []route.ASN
		for _, n := range s.rel.Providers(x) {
			if s.neighboursOnPaths(n, x) {
				into = append(into, n)
			}
		}
		if len(into) == 0 {
			return 0
		}
		return pick(s.r, into)
	}, "is merged into")
}

// replaceASN changes an AS on all paths, within five minutes, prefix by prefix.
// Where the new one would not be told by who stands before, the peer takes its
// own way to it.
func (s *story) replaceASN(choose func(route.ASN) route.ASN, verb string) string {
	x := pick(s.r, s.carriers)
	if s.load[x] < fewestMoved || len(s.rel.Providers(x)) == 0 {
		return ""
	}
	for _, p := range s.bg.Peers {
		if p.ASN == x {
			return ""
		}
	}
	y := choose(x)
	if y == 0 {
		return ""
	}
	at, last := route.Time(0), int32(-1)
	for _, q := range s.passing(x) {
		if q.prefix != last {
			at, last = s.within(0, 5*route.Minute), q.prefix
		}
		path := slices.Compact(join(q.path[:q.at], []route.ASN{y}, q.path[q.at+1:]))
		by := s.wayTo(y, q.peer)
		if by != nil && !s.plausible(path, q.path) {
			path = join(by, q.path[q.at+1:])
		}
		s.splice(at+route.Time(s.r.Int64N(int64(20*route.Second))), q.peer, s.prefixes[q.prefix], path, q.path, by)
	}
	if len(s.c.Elements) < fewestMoved {
		return ""
	}
	return fmt.Sprintf("%v %s %v: %d routes", x, verb, y, len(s.c.Elements))
}
