package rib

import "detour/route"

// MaxTail is the number of hops behind the vantage point that are kept.
const MaxTail = 64

// Path is a cleaned AS_PATH as the tree knows it.
type Path struct {
	Node   Node
	Judged uint64 // a bit per hop of the tail that may be judged
	Unique uint8  // unique length, the vantage point included
	Flags  PathFlags
}

// PathFlags tell what cleaning met.
type PathFlags uint8

// Path flags.
const (
	PathVirtual PathFlags = 1 << iota // a virtual hop stands in front
	PathLoop                          // judging stops at a repeat
	PathCut                           // longer than MaxTail
)

// Path cleans p as peer sent it (docs/state.md §2) and finds or creates its
// node; news says that it is not from a table or an initial transfer. It reports
// false when the tree is full; the caller counts the routes.
func (r *RIB) Path(peer Peer, p *route.Path, news bool) (Path, bool) {
	r.ahead.reset()
	r.pathBegins(peer, p)
	return r.PathAhead(0, news)
}

// finish makes the nodes that the tree lacks of a tail.
func (r *RIB) finish(pe *peer, tail []route.ASN, ids []uint32, p *pathAhead, news bool) (Path, bool) {
	path := Path{Unique: uint8(len(tail) + 1), Flags: p.flags, Node: pe.empty}
	if len(tail) == 0 {
		return path, true
	}
	n := p.node
	for i := int(p.left) - 1; i >= 0; i-- {
		if ids[i] != noAS {
			n = r.tree.child(n, ids[i], news)
		}
		if ids[i] == noAS || n == 0 {
			r.Counters.NodesRefused++
			return Path{}, false
		}
	}
	path.Node = n
	var loop bool
	path.Judged, loop = judged(tail, pe.vantage(p.flags&PathVirtual != 0))
	if loop {
		path.Flags |= PathLoop
	}
	return path, true
}

// RawLength returns how many hops p has, prepends included, and a set as one.
func (r *RIB) RawLength(p *route.Path) int { return len(r.flatten(p)) }

// clean fills r.tail. The peer's own prepends at the front go with its first
// hop.
func (r *RIB) clean(p *route.Path, pe *peer) ([]route.ASN, PathFlags) {
	t := r.tail[:0]
	flags := PathVirtual
	hops := r.flatten(p)
	if len(hops) > 0 && hops[0] == pe.asn && pe.asn != 0 {
		flags = 0
		for len(hops) > 0 && hops[0] == pe.asn {
			hops = hops[1:]
		}
	}
	for _, a := range hops {
		if !a.Public() {
			a = 0
		}
		if len(t) == 0 || t[len(t)-1] != a {
			t = append(t, a)
		}
	}
	r.tail = t
	if len(t) > MaxTail {
		r.Counters.PathsCut++
		t = t[len(t)-MaxTail:]
		flags |= PathCut
	}
	return t, flags
}

// flatten resolves segments: confederations go, a set of one is that AS, a
// larger one is a break. A plain path is returned as it stands.
func (r *RIB) flatten(p *route.Path) []route.ASN {
	if len(p.Segments) == 0 {
		return p.ASNs
	}
	out, rest := r.flat[:0], p.ASNs
	for _, s := range p.Segments {
		run := rest[:min(int(s.Count), len(rest))]
		rest = rest[len(run):]
		switch {
		case s.Type == route.ASSequence:
			out = append(out, run...)
		case s.Type == route.ASSet && len(run) == 1:
			out = append(out, run[0])
		case s.Type == route.ASSet && len(run) > 1:
			out = append(out, 0)
		}
	}
	r.flat = out
	return out
}

// judged returns the bits of the hops that may be judged: neither the last
// one nor a break, and left of the first repeat.
func judged(tail []route.ASN, vantage route.ASN) (mask uint64, loop bool) {
	for i, a := range tail {
		if a == 0 {
			continue
		}
		if a == vantage {
			return mask, true
		}
		for _, b := range tail[:i] {
			if a == b {
				return mask, true
			}
		}
		if i < len(tail)-1 {
			mask |= 1 << i
		}
	}
	return mask, false
}
