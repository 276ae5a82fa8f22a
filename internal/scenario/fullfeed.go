package scenario

import (
	"slices"

	"detour/route"
)

// climbs bounds how far above its neighbour a full feed looks for routes that
// the neighbour itself does not show.
const climbs = 3

// tellFullFeed adds a full-feed peer behind the leaker. Its whole table runs
// through the leaker: over b where b has a way, else over the best neighbour,
// else over b and networks above it.
func (s *story) tellFullFeed(l *leak) {
	asn := s.newASN()
	peer := s.newPeer(asn)
	f := &feed{Knowledge: s.Knowledge, behind: l.x, prefer: l.b, best: make([][]route.ASN, len(s.prefixes))}
	f.neighbour(l.b, nil)
	for _, n := range slices.Concat(s.rel.Providers(l.x), s.rel.Peers(l.x), s.rel.Customers(l.x)) {
		if n != l.b {
			f.neighbour(n, nil)
		}
	}
	f.above(l.b)
	for n, tail := range f.best {
		if tail != nil {
			s.prime(peer, s.prefixes[n], join([]route.ASN{asn, l.x}, tail))
		}
	}
}

// feed is the table of a network: the best path by prefix, its neighbour first.
type feed struct {
	*Knowledge
	behind, prefer route.ASN
	best           [][]route.ASN
}

// neighbour offers what n tells the network: all that it has if n sells to it,
// else its customers' routes. Below are the hops in between, which then do not
// displace anything.
func (f *feed) neighbour(n route.ASN, below []route.ASN) {
	up := len(below) > 0 || f.customerOf(f.behind, n)
	if len(below) > 0 {
		up = f.customerOf(below[len(below)-1], n)
	}
	for _, t := range f.tails[n] {
		path := f.tailPath(t)
		if (up || f.customerOf(path[1], n)) && !has(path, f.behind) && disjoint(path, below) {
			f.offer(t.prefix, path, below)
		}
	}
	for _, i := range f.ofOrigin[n] {
		f.offer(f.slots[i].prefix, []route.ASN{n}, below)
	}
}

// offer takes a path that is the first or shorter; what the preferred neighbour
// offered stays.
func (f *feed) offer(prefix int32, path, below []route.ASN) {
	old := f.best[prefix]
	if old == nil || len(below) == 0 && old[0] != f.prefer && len(path) < len(old) {
		f.best[prefix] = join(below, path)
	}
}

// above fills what is missing over providers of b, and of those, and over their
// peers, as long as each step goes up or is the last.
func (f *feed) above(b route.ASN) {
	asked := map[route.ASN]bool{b: true, f.behind: true}
	for level := [][]route.ASN{{b}}; len(level) > 0 && len(level[0]) <= climbs; {
		var next [][]route.ASN
		for _, below := range level {
			last := below[len(below)-1]
			for _, n := range f.rel.Providers(last) {
				if !asked[n] {
					asked[n] = true
					f.neighbour(n, below)
					next = append(next, join(below, []route.ASN{n}))
				}
			}
			for _, n := range f.rel.Peers(last) {
				if !asked[n] {
					f.neighbour(n, below)
				}
			}
		}
		level = next
	}
}
