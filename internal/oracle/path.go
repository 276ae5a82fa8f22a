package oracle

import (
	"slices"

	"detour/route"
)

// maxHops is the number of tail hops that are kept (§2).
const maxHops = 64

// path is a cleaned AS_PATH.
type path struct {
	tail   []route.ASN // nearest hop first, 0 is a break
	origin route.ASN   // 0 unknown
	judged int         // hops left of the first repeat
}

// CleanPath returns the tail of p as peer sent it (§2; 0 is a break), whether
// its first hop is virtual, and how many leading hops stand left of the first
// repeat; of those, breaks and the tail's last hop are not judged. The tail is
// the caller's.
func CleanPath(p route.Path, peer route.Peer) (tail []route.ASN, virtual bool, judged int) {
	tail, virtual = hopsBehind(p, peer)
	tail = tail[max(0, len(tail)-maxHops):]
	vantage := peer.ASN
	if virtual && !peer.Internal() {
		vantage = 0
	}
	return tail, virtual, firstRepeat(tail, vantage)
}

// hopsBehind returns the hops behind the vantage point, however many, and
// whether the first hop of the whole path is virtual.
func hopsBehind(p route.Path, peer route.Peer) (tail []route.ASN, virtual bool) {
	hops := flatten(p)
	front := true
	for i, a := range hops {
		front = front && a == peer.ASN // prepends of the peer are its own ASN, too
		if !front && !a.Public() {
			hops[i] = 0
		}
	}
	tail = slices.Compact(hops)
	if len(tail) > 0 && tail[0] != 0 && tail[0] == peer.ASN {
		return tail[1:], false
	}
	return tail, true
}

// flatten removes confederation segments and turns sets into one hop.
func flatten(p route.Path) []route.ASN {
	if len(p.Segments) == 0 {
		return slices.Clone(p.ASNs)
	}
	var hops []route.ASN
	rest := p.ASNs
	for _, s := range p.Segments {
		n := min(int(s.Count), len(rest))
		asns := rest[:n]
		rest = rest[n:]
		switch {
		case s.Type == route.ASSequence, s.Type == route.ASSet && n == 1:
			hops = append(hops, asns...)
		case s.Type == route.ASSet && n > 1:
			hops = append(hops, 0)
		}
	}
	return hops
}

// firstRepeat returns the index of the first hop that equals an earlier one or
// the vantage point, or the length. Breaks equal nothing.
func firstRepeat(tail []route.ASN, vantage route.ASN) int {
	for i, a := range tail {
		if a != 0 && (a == vantage || slices.Contains(tail[:i], a)) {
			return i
		}
	}
	return len(tail)
}

func clean(p route.Path, peer route.Peer) path {
	tail, _, judged := CleanPath(p, peer)
	u := path{tail: tail, judged: judged}
	switch {
	case len(tail) > 0:
		u.origin = tail[len(tail)-1]
	case peer.ASN.Public():
		u.origin = peer.ASN
	}
	return u
}

func (u path) unique() int { return len(u.tail) + 1 }

// loose reports whether hops of u are on the way to no known origin.
func (u path) loose() bool { return u.origin == 0 || slices.Contains(u.tail, 0) }

func (u path) same(v path) bool { return slices.Equal(u.tail, v.tail) }

// onPath returns the on-path ASes: the tail without its last hop and breaks.
func (u path) onPath() []route.ASN {
	last := max(0, len(u.tail)-1)
	return slices.DeleteFunc(slices.Clone(u.tail[:last]), func(a route.ASN) bool { return a == 0 })
}

// judgedHops returns the indexes of the judged hops.
func (u path) judgedHops() []int {
	var at []int
	for i, a := range u.tail {
		if i < len(u.tail)-1 && i < u.judged && a != 0 {
			at = append(at, i)
		}
	}
	return at
}
