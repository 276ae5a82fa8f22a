package scenario

import (
	"fmt"

	"detour/route"
)

// newSession adds a vantage point right behind an old one: a table transfer of
// never-seen routes, with an end mark in half of the cases.
func (s *story) newSession() string {
	old := pick(s.r, s.slots).peer
	if len(s.ofPeer[old]) < 200 {
		return ""
	}
	asn := s.newASN()
	peer := s.newPeer(asn)
	s.event(s.start, peer, route.KindPeerUp)
	for _, i := range s.ofPeer[old] {
		q := s.slots[i]
		s.announce(s.within(1, 30*route.Second), peer, s.prefixes[q.prefix], join([]route.ASN{asn}, s.raw(q)))
	}
	if s.r.IntN(2) == 0 {
		s.event(s.start+31*route.Second, peer, route.KindEndOfRIB)
	}
	return fmt.Sprintf("%v behind %v: %d routes", asn, s.bg.Peers[old].ASN, len(s.c.Elements))
}

// statedReset takes a session down and up again; everything is sent again, one
// route in twenty over another neighbour.
func (s *story) statedReset() string {
	peer, routes := s.aTable()
	if routes == nil {
		return ""
	}
	s.event(s.start+route.Second, peer, route.KindPeerDown)
	s.event(s.start+4*route.Second, peer, route.KindPeerUp)
	for _, q := range routes {
		s.sendAgain(q, 5*route.Second, 30*route.Second)
	}
	if s.r.IntN(2) == 0 {
		s.event(s.start+36*route.Second, peer, route.KindEndOfRIB)
	}
	return fmt.Sprintf("session with %v: %d routes", s.bg.Peers[peer].ASN, len(routes))
}

// silentReset is a reset of which the recording tells no state: in half of the
// cases the collector writes withdrawals, in the others nothing but the routes
// that come again.
func (s *story) silentReset() string {
	peer, routes := s.aTable()
	if routes == nil {
		return ""
	}
	withdrawn := s.r.IntN(2) == 0
	for _, q := range routes {
		if withdrawn {
			s.withdraw(s.within(route.Second, route.Second), peer, s.prefixes[q.prefix])
		}
		s.sendAgain(q, 5*route.Second, 30*route.Second)
	}
	return fmt.Sprintf("session with %v, withdrawals told: %v, %d routes", s.bg.Peers[peer].ASN, withdrawn, len(routes))
}

// aTable draws a peer and returns its routes; nil if they are few.
func (s *story) aTable() (uint32, []slot) {
	peer := pick(s.r, s.slots).peer
	if len(s.ofPeer[peer]) < 200 {
		return peer, nil
	}
	var out []slot
	for _, i := range s.ofPeer[peer] {
		out = append(out, s.slots[i])
	}
	return peer, out
}

func (s *story) sendAgain(q slot, after, stretch route.Time) {
	path, at := s.raw(q), s.within(after, stretch)
	if u := s.path(q); len(u) > 2 && s.r.IntN(100) < 5 {
		for _, other := range s.waysTo(u[2], q.peer) {
			if by := other.path; len(by) > 1 && by[len(by)-2] != u[1] && !looped(join(by, u[3:])) &&
				s.plausible(join(by, u[3:]), by, u) {
				path = join(by, u[3:])
				break
			}
		}
	}
	s.add(Element{At: at, Peer: q.peer, Prefix: s.prefixes[q.prefix], Path: path})
}
