package scenario

import (
	"fmt"

	"detour/route"
)

// failOver moves an origin to providers that the relations know and no path
// shows yet.
func (s *story) failOver() string {
	return s.moveOrigin(func(o route.ASN) (to []route.ASN) {
		for _, p := range s.rel.Providers(o) {
			if s.reached(p) >= transitPeers && s.edges[edge{p, o}] == 0 {
				to = append(to, p)
			}
		}
		return to
	})
}

// anycastChange moves an origin to sites behind three networks that had nothing
// to do with it.
func (s *story) anycastChange() string {
	return s.moveOrigin(func(route.ASN) []route.ASN {
		return []route.ASN{pick(s.r, s.transits), pick(s.r, s.transits), pick(s.r, s.transits)}
	})
}

// moveOrigin announces the prefixes of an origin behind other networks.
func (s *story) moveOrigin(choose func(route.ASN) []route.ASN) string {
	sl, ok := s.aRoute(3)
	if !ok {
		return ""
	}
	o := s.origin(sl)
	routes := s.originated(o)
	to := choose(o)
	if len(to) == 0 || s.prefixCount(routes) < 3 {
		return ""
	}
	for _, q := range routes {
		by := s.wayTo(to[int(q.peer)%len(to)], q.peer)
		if by != nil && !has(by, o) {
			s.splice(s.within(0, 20*route.Second), q.peer, s.prefixes[q.prefix], join(by, []route.ASN{o}), by)
		}
	}
	if len(s.c.Elements) < 10 {
		return ""
	}
	return fmt.Sprintf("%v with %d prefixes moves to %v", o, s.prefixCount(routes), to)
}

// moreSpecifics announces the first half of every prefix of an origin, as the
// whole was announced.
func (s *story) moreSpecifics() string {
	sl, _ := s.aRoute(1)
	o := s.origin(sl)
	for _, q := range s.originated(o) {
		if h, ok := half(s.prefixes[q.prefix]); ok {
			s.announce(s.within(0, 10*route.Second), q.peer, h, s.raw(q))
		}
	}
	if o == 0 || len(s.c.Elements) < 20 {
		return ""
	}
	return fmt.Sprintf("%v halves its prefixes: %d routes", o, len(s.c.Elements))
}

// scrubber lets a network take over the traffic of one to four origins that it
// had nothing to do with, with more-specifics where there is room.
func (s *story) scrubber() string {
	by := pick(s.r, s.transits)
	if len(s.rel.Customers(by)) > 200 {
		return ""
	}
	clients := 1 + s.r.IntN(4)
	for range clients {
		sl, _ := s.aRoute(1)
		o := s.origin(sl)
		for _, q := range s.originated(o) {
			if path := s.wayTo(by, q.peer); path != nil && !has(path, o) {
				p, _ := half(s.prefixes[q.prefix])
				s.splice(s.within(0, 10*route.Second), q.peer, p, join(path, []route.ASN{o}), path)
			}
		}
	}
	if len(s.c.Elements) < 5 {
		return ""
	}
	return fmt.Sprintf("%v scrubs for %d origins: %d routes", by, clients, len(s.c.Elements))
}
