package scenario

import (
	"fmt"
	"maps"
	"slices"

	"detour/route"
)

// zombies withdraws a quarter of the prefixes of some origins everywhere but at
// 2 to 5 % of the routes. Later these come again, some at other peers that learn
// them from a stuck one, and go at last. No origin loses most of its prefixes.
func (s *story) zombies() string {
	gone := map[int32]bool{}
	for range 5 + s.r.IntN(11) {
		sl, _ := s.aRoute(2)
		routes := s.originated(s.origin(sl))
		for i := range s.prefixCount(routes) / 4 {
			gone[s.nthPrefix(routes, i*4)] = true
		}
	}
	var hit []slot
	for _, n := range slices.Sorted(maps.Keys(gone)) {
		hit = append(hit, s.at(n)...)
	}
	if len(hit) < 50 {
		return ""
	}
	shuffle(s.r, hit)
	stuck := max(1, len(hit)*(2+s.r.IntN(4))/100)
	for _, q := range hit[stuck:] {
		s.fade(q, s.within(0, 20*route.Second), 40*route.Second, false)
	}
	for _, q := range hit[:stuck] {
		s.haunt(q)
	}
	return fmt.Sprintf("%d prefixes go, %d of %d routes stay for a while", len(gone), stuck, len(hit))
}

// nthPrefix returns the n-th distinct prefix of routes in order of prefix.
func (k *Knowledge) nthPrefix(routes []slot, n int) int32 {
	for i, q := range routes {
		if i > 0 && q.prefix == routes[i-1].prefix {
			continue
		}
		if n == 0 {
			return q.prefix
		}
		n--
	}
	return 0
}

// haunt lets a route that stayed come again, at up to two other peers too.
func (s *story) haunt(q slot) {
	p, u := s.prefixes[q.prefix], s.path(q)
	s.add(Element{At: s.within(150*route.Second, 20*route.Second), Peer: q.peer, Prefix: p, Path: s.raw(q)})
	s.withdraw(s.within(240*route.Second, 30*route.Second), q.peer, p)
	if len(u) < 2 {
		return
	}
	others := 0
	for peer := range s.bg.Peers {
		by := s.wayTo(u[1], uint32(peer))
		if others == 2 || uint32(peer) == q.peer || by == nil {
			continue
		}
		if s.splice(s.within(170*route.Second, 20*route.Second), uint32(peer), p, join(by, u[2:]), by, u) {
			s.withdraw(s.within(240*route.Second, 30*route.Second), uint32(peer), p)
			others++
		}
	}
}

// roaMistake gives an origin ROAs that make its routes invalid: for another AS,
// or with too short a maximum length. The routes come again as they were.
func (s *story) roaMistake() string {
	sl, _ := s.aRoute(2)
	o := s.origin(sl)
	routes := s.originated(o)
	if o == 0 || s.prefixCount(routes) < 3 {
		return ""
	}
	length := s.r.IntN(2) == 0
	wrong := s.newASN()
	last := int32(-1)
	for _, q := range routes {
		p := s.prefixes[q.prefix]
		s.add(Element{At: s.within(0, route.Minute), Peer: q.peer, Prefix: p, Path: s.raw(q)})
		if q.prefix == last {
			continue
		}
		last = q.prefix
		v := VRP{Prefix: p, MaxLength: p.Bits, Origin: wrong}
		if length && p.Bits > 8 {
			v = VRP{Prefix: cover(p), MaxLength: p.Bits - 1, Origin: o}
		}
		s.c.VRPs = append(s.c.VRPs, v)
	}
	return fmt.Sprintf("ROAs make %d prefixes of %v invalid, by length: %v", len(s.c.VRPs), o, length)
}

// cover is the prefix one bit shorter.
func cover(p route.Prefix) route.Prefix {
	p.Bits--
	hi, lo := route.Mask(p.Bits)
	p.Hi, p.Lo = p.Hi&hi, p.Lo&lo
	return p
}

const beaconOrigin route.ASN = 12654 // RIS

// beaconPrefixes lists some of the RIS routing beacons.
func beaconPrefixes() (out []route.Prefix) {
	for _, third := range []int{64, 65, 67, 69, 70, 75, 76} {
		out = append(out, route.MustPrefix(fmt.Sprintf("84.205.%d.0/24", third)))
	}
	for _, third := range []int{149, 151, 153} {
		out = append(out, route.MustPrefix(fmt.Sprintf("93.175.%d.0/24", third)))
	}
	return out
}

// beacons announces and withdraws the RIS beacons four times, two hours pressed
// into two minutes, each behind a few networks.
func (s *story) beacons() string {
	const cycles, up = 4, 60 * route.Second
	for _, p := range beaconPrefixes() {
		sites := []route.ASN{pick(s.r, s.transits), pick(s.r, s.transits), pick(s.r, s.transits)}
		for peer := range s.bg.Peers {
			paths := s.beaconPaths(uint32(peer), sites)
			if len(paths) == 0 {
				continue
			}
			s.prime(uint32(peer), p, paths[0])
			for n := range route.Time(cycles) {
				at := s.within(n*2*up, 10*route.Second)
				for _, path := range paths[1:] {
					s.announce(at, uint32(peer), p, path)
					at += s.drawn(10 * route.Second)
				}
				s.withdraw(at, uint32(peer), p)
				s.announce(s.within((2*n+1)*up, 20*route.Second), uint32(peer), p, paths[0])
			}
		}
	}
	if len(s.c.Elements) < 40 {
		return ""
	}
	return fmt.Sprintf("RIS beacons: %d routes", len(s.c.Elements))
}

// beaconPaths lists the ways of a peer to the beacon's sites, shortest first.
func (s *story) beaconPaths(peer uint32, sites []route.ASN) (out [][]route.ASN) {
	for _, a := range sites {
		if by := s.wayTo(a, peer); by != nil && !has(by, beaconOrigin) {
			out = append(out, join(by, []route.ASN{beaconOrigin}))
		}
	}
	slices.SortStableFunc(out, func(a, b []route.ASN) int { return len(a) - len(b) })
	return out
}
