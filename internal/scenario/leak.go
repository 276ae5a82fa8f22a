package scenario

import (
	"fmt"

	"detour/route"
)

// Role says who leaks, from whom it learned and to whom it exports.
type Role uint8

// Roles. The first four are types 1, 4 and 3 of RFC 7908, a route-server member
// leaks what its providers and peers told it.
const (
	StubProviders Role = iota
	MidProviders
	PeerToProvider
	ProviderToPeer
	RouteServerMember
)

// String names the role as tables show it.
func (r Role) String() string {
	return [...]string{
		"stub provider→provider", "mid-size provider→provider", "peer→provider", "provider→peer", "route-server member",
	}[r]
}

// LeakParams shape a leak. Zero values are those of the plain sweep.
type LeakParams struct {
	Role         Role
	Prefixes     int
	Peers        int        // that adopt it; 0 is all that reach the network exported to
	MoreSpecific float64    // share of prefixes leaked as their first half, 0 to 1
	Start        route.Time // after the cut; 0 is 5 s
	Ramp         route.Time // from the first prefix to the last at the leaker; 0 is 60 s
	Waves        int        // 0 is one; between waves every route goes back
	Gap          route.Time // between waves; 0 is 120 s
	Prepend      int        // how often the leaker adds its own ASN
	OwnUnknown   bool       // the leaker's own routes are not in the table
	FullFeed     bool       // a full-feed peer has the leaker for its only provider
	EndAfter     route.Time // from the end of the last ramp to the withdrawal; 0: it stays
}

const (
	leakStart  = 5 * route.Second
	leakRamp   = 60 * route.Second
	leakGap    = 120 * route.Second
	leakSpread = 20 * route.Second // from a prefix's first peer to its last
	leakEnding = 120 * route.Second
	leakTries  = 40_000
)

func (p LeakParams) withDefaults() LeakParams {
	for _, d := range []struct {
		v    *route.Time
		zero route.Time
	}{{&p.Start, leakStart}, {&p.Ramp, leakRamp}, {&p.Gap, leakGap}} {
		if *d.v == 0 {
			*d.v = d.zero
		}
	}
	p.Waves = max(p.Waves, 1)
	return p
}

// leak is one that found its place: x exports to a what it learned from b.
type leak struct {
	p       LeakParams
	x, a, b route.ASN
	peers   []uint32
	routes  []int32 // prefix numbers
	at      map[uint32][]route.ASN
}

// Leak makes a leak of the wanted shape. It fails where the background has no
// leaker of that role whose neighbours have routes and peers enough. The same
// seed, role and size give the same leaker, prefixes and peers whatever the
// other parameters say.
func Leak(k *Knowledge, p LeakParams, seed uint64) (*Case, error) {
	p = p.withDefaults()
	kind := "leak/" + p.Role.String()
	s := k.tell(kind, fmt.Sprint(p.Prefixes, p.Peers), seed, p.Start)
	l := s.findLeak(p)
	if l == nil {
		return nil, fmt.Errorf("%s of %d prefixes at %d peers: %w", kind, p.Prefixes, p.Peers, errNoCase)
	}
	if !p.OwnUnknown {
		s.tellOwn(l)
	}
	if p.FullFeed {
		s.tellFullFeed(l)
	}
	s.tellLeak(l)
	w := s.c.Want
	return s.done(fmt.Sprintf("seed %d: %v, learned from %v, exported to %v: %d prefixes of %d origins at %d peers",
		seed, l.x, l.b, l.a, w.Prefixes, w.Origins, w.Peers)), nil
}

// findLeak draws leakers until one fits.
func (s *story) findLeak(p LeakParams) *leak {
	if len(s.multi) == 0 {
		return nil
	}
	if p.Role == RouteServerMember {
		return s.findMemberLeak(p)
	}
	for range leakTries {
		x := pick(s.r, s.multi)
		if p.Role <= MidProviders && (p.Role == StubProviders) != (len(s.rel.Customers(x)) == 0) {
			continue
		}
		to, from := s.rel.Providers(x), s.rel.Providers(x)
		switch p.Role {
		case PeerToProvider:
			from = s.rel.Peers(x)
		case ProviderToPeer:
			to = s.rel.Peers(x)
		}
		to, from = common(to, s.transits), common(from, s.carriers)
		if len(to) == 0 || len(from) == 0 {
			continue
		}
		l := &leak{p: p, x: x, a: pick(s.r, to), b: pick(s.r, from)}
		if l.a != l.b && s.placeLeak(l) {
			return l
		}
	}
	return nil
}

// placeLeak chooses peers and prefixes; false where there are too few.
func (s *story) placeLeak(l *leak) bool {
	if len(s.tails[l.b]) < l.p.Prefixes || s.reached(l.a) < max(l.p.Peers, 1) {
		return false
	}
	l.at = map[uint32][]route.ASN{}
	for _, seg := range s.ways[l.a] {
		if l.at[seg.peer] == nil && !has(s.wayTo(l.a, seg.peer), l.x) {
			l.at[seg.peer] = seg.path
			l.peers = append(l.peers, seg.peer)
		}
	}
	if len(l.peers) < max(l.p.Peers, 1) {
		return false
	}
	if l.p.Peers > 0 {
		shuffle(s.r, l.peers)
		l.peers = l.peers[:l.p.Peers]
	}
	for _, t := range s.tails[l.b] {
		tail := s.tailPath(t)
		if !has(tail, l.x) && s.mayLeak(l, tail) && l.adopted(tail) {
			l.routes = append(l.routes, t.prefix)
		}
	}
	if len(l.routes) < l.p.Prefixes {
		return false
	}
	shuffle(s.r, l.routes)
	l.routes = l.routes[:l.p.Prefixes]
	return true
}

// mayLeak reports whether b would have told x the route: a peer tells its
// customers' routes only.
func (s *story) mayLeak(l *leak, tail []route.ASN) bool {
	return l.p.Role != PeerToProvider || len(tail) < 2 || s.customerOf(tail[1], l.b)
}

// adopted reports whether any chosen peer can take the route without a loop.
func (l *leak) adopted(tail []route.ASN) bool {
	for _, peer := range l.peers {
		if disjoint(l.at[peer], tail) {
			return true
		}
	}
	return false
}

func common(a, ascending []route.ASN) []route.ASN {
	var out []route.ASN
	for _, x := range a {
		if member(ascending, x) {
			out = append(out, x)
		}
	}
	return out
}
