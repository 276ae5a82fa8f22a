package scenario

import (
	"slices"

	"detour/route"
)

// copyOf is one leaked route as one peer hears it.
type copyOf struct {
	peer   uint32
	prefix route.Prefix
	path   []route.ASN
	later  []route.ASN // a longer way that is tried while the leak ends, or nil
}

// tellLeak adds the leaked routes in waves, and their end.
func (s *story) tellLeak(l *leak) {
	copies := s.leakCopies(l)
	wave := l.p.Ramp + leakSpread + l.p.Gap
	for n := range l.p.Waves {
		begin := route.Time(n) * wave
		s.tellWave(l, copies, begin)
		end := begin + l.p.Ramp + leakSpread
		switch {
		case n < l.p.Waves-1:
			s.tellEnd(copies, end+l.p.Gap/4, l.p.Gap/4)
		case l.p.EndAfter > 0:
			s.tellEnd(copies, end+l.p.EndAfter, leakEnding)
		}
	}
	origins, peers, prefixes := map[route.ASN]bool{}, map[uint32]bool{}, map[route.Prefix]bool{}
	for _, c := range copies {
		origins[c.path[len(c.path)-1]], peers[c.peer], prefixes[c.prefix] = true, true, true
	}
	s.c.Want = &Want{
		Kind: "leak", Scope: "incident", Suspect: l.x, ExportedTo: l.a, LearnedFrom: l.b,
		Prefixes: len(prefixes), Origins: len(origins), Peers: len(peers),
	}
}

// leakCopies lays every route out, prefix after prefix.
func (s *story) leakCopies(l *leak) []copyOf {
	var out []copyOf
	taken := map[route.Prefix]bool{}
	for _, n := range l.routes {
		taken[s.prefixes[n]] = true
	}
	leaker := slices.Repeat([]route.ASN{l.x}, 1+l.p.Prepend)
	for _, n := range l.routes {
		p, tail := s.prefixes[n], s.wayFrom(l.b, n)
		if s.r.Float64() < l.p.MoreSpecific {
			if q, ok := half(p); ok && !taken[q] {
				p = q
			}
		}
		for _, peer := range l.peers {
			if !disjoint(l.at[peer], tail) {
				continue
			}
			c := copyOf{peer: peer, prefix: p, path: join(l.at[peer], leaker, tail)}
			if others := s.waysTo(l.a, peer); l.a != 0 && len(others) > 1 {
				if by := pick(s.r, others[1:]).path; !has(by, l.x) && disjoint(by, tail) {
					c.later = join(by, leaker, tail)
				}
			}
			out = append(out, c)
		}
	}
	return out
}

func (s *story) tellWave(l *leak, copies []copyOf, begin route.Time) {
	var at route.Time
	for i, c := range copies {
		if i == 0 || copies[i-1].prefix != c.prefix {
			at = s.within(begin, l.p.Ramp)
		}
		s.add(Element{
			At: at + route.Time(s.r.Int64N(int64(leakSpread))), Peer: c.peer, Prefix: c.prefix, Path: c.path, Bad: true,
		})
	}
}

// tellEnd takes the leak back. Half of the routes that have another way through
// the leaker try it first.
func (s *story) tellEnd(copies []copyOf, begin, stretch route.Time) {
	for _, c := range copies {
		at := s.within(begin, stretch)
		if c.later != nil && s.r.IntN(2) == 0 {
			s.add(Element{At: at, Peer: c.peer, Prefix: c.prefix, Path: c.later, Bad: true})
			at += 1 + route.Time(s.r.Int64N(int64(max(stretch/2, 1))))
		}
		s.restore(at, c.peer, c.prefix)
	}
}

// tellOwn lets the table know a prefix of the leaker's own, which half of the
// peers reach through the network it will leak to and half through the one it
// will leak from.
func (s *story) tellOwn(l *leak) {
	own := route.MustPrefix("198.18.0.0/24")
	own.Hi |= uint64(l.x&255) << 40
	peers := slices.Clone(l.peers)
	for _, seg := range s.ways[l.b] {
		peers = append(peers, seg.peer)
	}
	slices.Sort(peers)
	for i, peer := range slices.Compact(peers) {
		by := l.at[peer]
		if by == nil {
			by = s.wayTo(l.a, peer)
		}
		if other := s.wayTo(l.b, peer); other != nil && (i%2 == 1 || by == nil) {
			by = other
		}
		if by != nil && !has(by, l.x) {
			s.prime(peer, own, join(by, []route.ASN{l.x}))
		}
	}
}
