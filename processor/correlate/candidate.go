package correlate

import (
	"detour/route"
)

// unit says what a candidate counts: pairs (x, origin), or origins that one
// neighbour reaches through x, for an x that a peer behind it blinds
// (DETECTION §1.6).
type unit uint8

const (
	byPair unit = iota
	byEdge
	units
)

// counts of the facts about a candidate in one half-window.
type counts struct {
	n, inflated, flip, valley, adjacent, moreSpecific, otc int
	first                                                  route.Time // 0 without any
}

func (a *counts) plus(b *counts) counts {
	s := counts{
		n: a.n + b.n, inflated: a.inflated + b.inflated, flip: a.flip + b.flip, valley: a.valley + b.valley,
		adjacent: a.adjacent + b.adjacent, moreSpecific: a.moreSpecific + b.moreSpecific, otc: a.otc + b.otc,
		first: a.first,
	}
	if s.first == 0 || b.first != 0 && b.first < s.first {
		s.first = b.first
	}
	return s
}

// neighbour is an AS beside a candidate, and on how many facts.
type neighbour struct {
	as        asID
	cur, prev int
}

// maxNeighbours bounds how many neighbours of a candidate are told apart; later
// ones count as one more.
const maxNeighbours = 64

// candidate gathers the facts about one AS in two half-windows.
type candidate struct {
	x         asID
	half      int64
	cur, prev counts

	origins, contrast, prefixes, peers spread

	to, from []neighbour // towards the vantage point, towards the origin
	missed   int64       // half-window in which it passed all tests of a rule but one
	told     int         // see Correlator.told
	toldAt   int64       // the half-window in which that was found out
}

// candidates holds the candidates of one unit by AS id.
type candidates struct {
	list []*candidate // by AS id; nil where there is none
	live []asID       // those in list, in order of arrival
	idle []*candidate `snapshot:"-"`
}

// of returns the candidate for x, made ready for the half-window.
func (cs *candidates) of(x asID, half int64) *candidate {
	for int(x) >= len(cs.list) {
		cs.list = append(cs.list, nil)
	}
	k := cs.list[x]
	if k == nil {
		k = &candidate{}
		if n := len(cs.idle); n > 0 {
			k, cs.idle = cs.idle[n-1], cs.idle[:n-1]
		}
		*k = candidate{x: x, half: half, to: k.to[:0], from: k.from[:0]}
		cs.list[x] = k
		cs.live = append(cs.live, x)
	}
	k.roll(half)
	return k
}

// find returns the candidate for x, or nil.
func (cs *candidates) find(x asID) *candidate {
	if int(x) >= len(cs.list) {
		return nil
	}
	return cs.list[x]
}

// clear empties the candidate for x in place: its half-window goes on, and what
// windows have met of it counts no more.
func (k *candidate) clear() {
	k.cur, k.prev = counts{}, counts{}
	k.origins, k.contrast, k.prefixes, k.peers = spread{}, spread{}, spread{}, spread{}
	k.to, k.from = k.to[:0], k.from[:0]
}

// sweep gives back the candidates that had nothing for two half-windows.
func (cs *candidates) sweep(half int64) {
	keep := cs.live[:0]
	for _, x := range cs.live {
		if k := cs.list[x]; k.half+1 < half {
			cs.list[x] = nil
			cs.idle = append(cs.idle, k)
			continue
		}
		keep = append(keep, x)
	}
	cs.live = keep
}

// roll moves k to a half-window.
func (k *candidate) roll(half int64) {
	if half <= k.half {
		return
	}
	next := half == k.half+1
	k.half = half
	for _, s := range []*spread{&k.origins, &k.contrast, &k.prefixes, &k.peers} {
		s.roll(next)
	}
	k.prev = counts{}
	if next {
		k.prev = k.cur
	}
	k.cur = counts{}
	k.to, k.from = rollNeighbours(k.to, next), rollNeighbours(k.from, next)
}

func rollNeighbours(list []neighbour, next bool) []neighbour {
	keep := list[:0]
	for _, n := range list {
		if next && n.cur > 0 {
			keep = append(keep, neighbour{as: n.as, prev: n.cur})
		}
	}
	return keep
}

// noteNeighbour counts a neighbour; as is 0 for one that has no number.
func noteNeighbour(list []neighbour, as asID) []neighbour {
	for i := range list {
		if list[i].as == as {
			list[i].cur++
			return list
		}
	}
	switch n := len(list); {
	case n >= maxNeighbours:
		list[maxNeighbours-1].cur++
		return list
	case n == maxNeighbours-1:
		as = 0
	}
	return append(list, neighbour{as: as, cur: 1})
}

// top returns the most frequent of the neighbours, the lower ASN of two, on how
// many of the facts it is, and how many there are.
func (c *Correlator) top(list []neighbour) (as asID, n, total, distinct int) {
	for _, e := range list {
		m := e.cur + e.prev
		total += m
		if e.as == 0 {
			continue
		}
		distinct++
		if m > n || m == n && n > 0 && c.known.as.asn(e.as) < c.known.as.asn(as) {
			as, n = e.as, m
		}
	}
	return as, n, total, distinct
}
