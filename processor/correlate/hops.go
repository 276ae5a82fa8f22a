package correlate

import (
	"math/bits"

	"detour/processor/reference"
	"detour/wire"
)

// shardAge is how long, at least, a hop is young to a shard, in seconds.
const shardAge stamp = 900

// hop is what is to be said of one AS on a changed path.
type hop struct {
	at       int // place on the tail; 0 is next to the vantage point
	x        asID
	to, from asID // its neighbours, 0 unknown
	unit     unit
	contrast bool // the same peer's path before lacked it
	flip     bool // its route from the neighbour goes the other way than ever before
	valley   bool // the file has both neighbours above or beside it
	otc      bool // RFC 9234: the route should not have come here
}

// hops is the judgement of one changed path.
type hops struct {
	path    []asID
	vantage asID // 0 where a virtual hop stands in front
	origin  asID
	otc     int // place of the hop that spread an OTC route upwards, or -1
	list    []hop
	fresh   uint64 // hops whose pair is fresh
	edges   uint64 // hops whose edge to the next is fresh on the way to the origin
}

// examine fills c.hops with the facts about the path of it. Pairs that nobody
// has told yet are entered as of now.
func (c *Correlator) examine(it *item) {
	h := &c.hops
	*h = hops{path: c.paths.get(it.Next), otc: -1, list: h.list[:0]}
	n := len(h.path)
	if n < 2 || h.path[n-1] == 0 {
		return
	}
	h.origin = h.path[n-1]
	h.vantage = c.known.as.find(c.sessions.list[it.Peer].vantage(it.Flags))
	judged := min(n-1, 64)
	h.fresh = c.freshPairs(h, it.Newcomers, judged)
	young := it.Young
	if young != 0 && it.Newcomers != 0 {
		young = c.youngHere(it)
	}
	h.edges = c.freshEdges(h, young, judged)
	if h.fresh|h.edges == 0 {
		return
	}
	flipped := c.flips(h, judged)
	if it.Flags&wire.RecordHasOTC != 0 {
		h.otc = c.otcHop(h, c.known.as.find(it.OTC), flipped)
	}
	for m := h.fresh; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		h.list = append(h.list, hop{
			at: i, x: h.path[i], to: h.before(i), from: h.path[i+1], unit: byPair,
			contrast: it.Contrast>>i&1 != 0,
			flip:     flipped>>i&1 != 0,
			valley:   c.valley(h, i), otc: h.otc == i,
		})
	}
	for m := h.edges; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m) + 1 // x is behind the edge
		h.list = append(h.list, hop{
			at: i, x: h.path[i], to: h.path[i-1], from: h.path[i+1], unit: byEdge,
			contrast: it.Prev != 0,
			flip:     c.turned(h, i),
			valley:   c.valley(h, i), otc: h.otc == i,
		})
	}
}

// before returns the hop before place i, towards the vantage point.
func (h *hops) before(i int) asID {
	if i == 0 {
		return h.vantage
	}
	return h.path[i-1]
}

// freshPairs returns those of the reported hops that are not long known to be
// on the way to the origin.
func (c *Correlator) freshPairs(h *hops, reported uint64, judged int) (fresh uint64) {
	for m := reported; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		if i >= judged {
			break
		}
		x := h.path[i]
		if x == 0 || x == h.origin || h.broken(i) {
			continue
		}
		c.known.remember(h.path, i)
		s := c.known.pairSince(x, h.origin)
		if s == never {
			c.known.pair(x, h.origin, c.known.now)
			s = c.known.now
		}
		if !s.old(c.known.now, c.known.age) {
			fresh |= 1 << i
		}
	}
	return fresh
}

// broken reports whether a break lies between hop i and the origin.
func (h *hops) broken(i int) bool {
	for _, as := range h.path[i+1:] {
		if as == 0 {
			return true
		}
	}
	return false
}

// freshEdges returns those of the young hops A whose edge to the next hop x is
// long known, but not on the way to this origin. An x that is itself fresh is
// the concern of its pair.
func (c *Correlator) freshEdges(h *hops, young uint64, judged int) (fresh uint64) {
	for m := young; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		if i+1 >= judged {
			break
		}
		a, x := h.path[i], h.path[i+1]
		if a == 0 || x == 0 || x == h.origin || h.broken(i+1) || h.fresh>>(i+1)&1 != 0 {
			continue
		}
		if c.known.edgeOld(a, x) {
			fresh |= 1 << i
		}
	}
	return fresh
}

// youngHere returns those of the young hops of it that are news to all shards:
// over the edge to the next hop the origin was first reached less than Fresh
// ago. An open incident does not keep an edge young, for it does not do so for
// the shards either: those that know the way would tell nothing of it.
func (c *Correlator) youngHere(it *item) (young uint64) {
	path := c.paths.get(it.Next)
	for m := it.Young; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		if i+1 >= len(path) {
			break
		}
		since := c.known.tripleSince(path[i], path[i+1], path[len(path)-1])
		if since &^= pinned; since.seen() && !since.old(c.known.now, min(c.known.age, shardAge)) {
			young |= 1 << i
		}
	}
	return young
}

// flips returns the hops that took the route from a neighbour which, as long as
// anybody knows, took routes from them. In a run of such hops the one nearest
// the vantage point counts: those behind it passed the route uphill as they may.
func (c *Correlator) flips(h *hops, judged int) (flipped uint64) {
	last := false
	for i := range judged {
		x, b := h.path[i], h.path[i+1]
		now := x != 0 && b != 0 && !c.outside.Names.SameOrg(c.known.as.asn(x), c.known.as.asn(b)) &&
			c.known.edgeOld(b, x) && !c.known.edgeOld(x, b) && !c.downhill(h, i)
		if now && !last {
			flipped |= 1 << i
		}
		last = now
	}
	return flipped
}

// turned reports whether the route at place i comes from a neighbour that is
// known to take routes from x, and goes to one that was never seen to take that
// neighbour's routes from x.
func (c *Correlator) turned(h *hops, i int) bool {
	a, x, b := h.path[i-1], h.path[i], h.path[i+1]
	return b != 0 && c.known.edgeOld(b, x) && !c.known.thirdOld(a, x, b) && !c.downhill(h, i)
}

// downhill reports whether hop i is a tier-1 that passes the route to a network
// that is none: to a customer, whatever way it took before.
func (c *Correlator) downhill(h *hops, i int) bool {
	a, tiers := h.before(i), c.outside.Lists
	return a != 0 && tiers.Tier1(c.known.as.asn(h.path[i])) && !tiers.Tier1(c.known.as.asn(a))
}

// valley reports whether the file has both neighbours of hop i above or beside
// it. Networks of one organisation count as one.
func (c *Correlator) valley(h *hops, i int) bool {
	file := c.outside.Relationships
	if file == nil {
		return false
	}
	x := c.known.as.asn(h.path[i])
	return c.aboveOrBeside(h, i, -1) && c.aboveOrBeside(h, i, +1) && file.Knows(x)
}

// aboveOrBeside looks from hop i in a direction for the first AS of another
// organisation and reports whether the file has it as a provider or peer.
func (c *Correlator) aboveOrBeside(h *hops, i, step int) bool {
	x := c.known.as.asn(h.path[i])
	for j := i + step; j >= -1 && j < len(h.path); j += step {
		as := h.vantage
		if j >= 0 {
			as = h.path[j]
		}
		if as == 0 {
			return false
		}
		other := c.known.as.asn(as)
		if c.outside.Names.SameOrg(x, other) {
			x = other
			continue
		}
		rel := c.outside.Relationships.Of(x, other)
		return rel == reference.Provider || rel == reference.Peer
	}
	return false
}

// otcHop returns the place of the hop that passed on a route marked "only to
// customers" by AS n (RFC 9234) to a provider or peer, or against the known
// direction (flipped holds those hops); -1 where there is none.
func (c *Correlator) otcHop(h *hops, n asID, flipped uint64) int {
	marked := -1
	for i, as := range h.path {
		if as == n && n != 0 {
			marked = i
			break
		}
	}
	for j := marked - 1; j >= 0; j-- {
		x, a := h.path[j], h.before(j)
		if x == 0 || a == 0 {
			continue
		}
		rel := c.outside.Relationships.Of(c.known.as.asn(x), c.known.as.asn(a))
		if rel == reference.Provider || rel == reference.Peer || flipped>>j&1 != 0 {
			return j
		}
	}
	return -1
}
