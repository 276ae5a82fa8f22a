package scenario

import (
	"fmt"
	"maps"
	"slices"

	"detour/route"
)

// toFull lets a peer that sent its customers' routes send a full table. The peer
// is a new one behind an old one: its table before holds what comes over the
// old one's smaller neighbours.
func (s *story) toFull() string {
	old, routes := s.aTable()
	if routes == nil {
		return ""
	}
	asn := s.newASN()
	peer := s.newPeer(asn)
	share := s.nextHops(routes)
	for _, q := range routes {
		path := join([]route.ASN{asn}, s.raw(q))
		if u := s.path(q); len(u) > 1 && share[u[1]]*20 <= len(routes) {
			s.prime(peer, s.prefixes[q.prefix], path)
			continue
		}
		s.announce(s.within(0, 40*route.Second), peer, s.prefixes[q.prefix], path)
	}
	if len(s.c.Prime) < 20 || len(s.c.Elements) < 100 {
		return ""
	}
	return fmt.Sprintf("%v behind %v: %d routes, then %d more",
		asn, s.bg.Peers[old].ASN, len(s.c.Prime), len(s.c.Elements))
}

// toPartial lets a peer withdraw all but what comes over its smaller neighbours,
// and a twentieth of the rest.
func (s *story) toPartial() string {
	peer, routes := s.aTable()
	if routes == nil {
		return ""
	}
	share := s.nextHops(routes)
	for _, q := range routes {
		if u := s.path(q); q.prefix%20 != 0 && (len(u) < 2 || share[u[1]]*20 > len(routes)) {
			s.withdraw(s.within(0, 40*route.Second), peer, s.prefixes[q.prefix])
		}
	}
	if len(s.c.Elements) < len(routes)/2 {
		return ""
	}
	return fmt.Sprintf("%v withdraws %d of %d routes", s.bg.Peers[peer].ASN, len(s.c.Elements), len(routes))
}

// nextHops counts routes by the network after the peer.
func (k *Knowledge) nextHops(routes []slot) map[route.ASN]int {
	out := map[route.ASN]int{}
	for _, q := range routes {
		if u := k.path(q); len(u) > 1 {
			out[u[1]]++
		}
	}
	return out
}

// newMember lets a network join the route server where its peers are: its cone,
// at most two thousand prefixes, appears behind it.
func (s *story) newMember() string {
	x := pick(s.r, s.multi)
	if len(s.tails[x]) == 0 || len(s.rel.Peers(x)) == 0 {
		return ""
	}
	cone := s.coneOf(x)
	if len(cone) < fewestMoved || len(cone) > 2000 {
		return ""
	}
	e := s.exchangeAround(x)
	if e == nil {
		return ""
	}
	s.openExchange(e)
	for _, n := range slices.Sorted(maps.Keys(cone)) {
		path := cone[n]
		if old, ok := e.table[n]; !ok || len(path) <= len(old) {
			s.announce(s.within(0, route.Minute), e.peer, s.prefixes[n], path)
		}
	}
	if len(s.c.Elements) < fewestMoved/2 {
		return ""
	}
	return fmt.Sprintf("%v joins %d members of a route server: %d routes", x, len(e.members), len(s.c.Elements))
}

// newUpstream lets a peer that has further peers for customers change its
// provider, so that many vantage points see the same network appear. Two such
// customers are made.
func (s *story) newUpstream() string {
	w, routes := s.aTable()
	asn := s.bg.Peers[w].ASN
	if routes == nil || s.isServer(w) {
		return ""
	}
	share, from := s.nextHops(routes), route.ASN(0)
	for _, n := range slices.Sorted(maps.Keys(share)) {
		if share[n] > share[from] {
			from = n
		}
	}
	to := slices.DeleteFunc(common(s.rel.Providers(asn), s.carriers), func(a route.ASN) bool { return a == from })
	if len(to) == 0 {
		return ""
	}
	behind := []route.ASN{s.newASN()}
	peers := []uint32{w, s.newPeer(behind[0])}
	behind = append(behind, s.newASN())
	peers = append(peers, s.newPeer(behind[1]))
	n := s.changeUpstream(routes, peers, append([]route.ASN{0}, behind...), from, pick(s.r, to))
	if n < 50 {
		return ""
	}
	return fmt.Sprintf("%v goes from %v over to %v: %d prefixes at three peers", asn, from, to, n)
}

// changeUpstream tells what the first of peers and, behind it, the others see.
func (s *story) changeUpstream(routes []slot, peers []uint32, asns []route.ASN, from, to route.ASN) (changed int) {
	for _, q := range routes {
		u, p := s.path(q), s.prefixes[q.prefix]
		for i, peer := range peers[1:] {
			s.prime(peer, p, join(asns[i+1:i+2], s.raw(q)))
		}
		if len(u) < 2 || u[1] != from {
			continue
		}
		rest := s.offered(to, u[0], q.prefix)
		if rest == nil {
			continue
		}
		path, at := join(u[:1], rest), s.within(0, route.Minute)
		if !s.splice(at, peers[0], p, path, u, rest) {
			continue
		}
		changed++
		for i, peer := range peers[1:] {
			s.announce(at+route.Time(s.r.Int64N(int64(10*route.Second))), peer, p, join(asns[i+1:i+2], path))
		}
	}
	return changed
}
