package rib

import "detour/route"

// Outcome says what an update did to a route.
type Outcome uint8

// Outcomes.
const (
	Unchanged Outcome = iota // the same path again, or nothing to withdraw
	Refused                  // a bound was reached; counted
	Filled                   // a table-dump route took its place, silently
	Announced                // the route has a new path, or is back
	Extra                    // a further ADD-PATH path; the route itself did not change
	Withdrawn                // the route is gone
	Unfilled                 // the route that a table had given is gone, silently
)

// Change is what one route element did, with all that judging needs. It is
// filled by Announce and Withdraw and valid until the RIB's next call.
type Change struct {
	Outcome   Outcome
	Prev      Node // the path before, down or up, of a new more-specific its cover's; 0 none
	Next      Node // the path now; 0 on Withdrawn
	PrevOwn   bool // Prev was this route's own path, up and held
	Held      bool // the route was up and held before
	NewPrefix bool // nobody had announced the prefix before
	WasStated bool // a fact stood about the route before
	Moved     bool // the route has another path than before, or is up again
	Raised    bool // it was not up before
	Turned    bool // the prefix's visibility is low now and was not, or the other way round

	Up, Lost uint16 // sessions that hold the prefix, and that lost it by withdrawal; where Turned

	Judged    uint64 // hops of Next that may be judged
	Newcomers uint64 // judged hops that the baseline lacks
	Young     uint64 // judged hops from which the way to the origin is news (docs/state.md §6)
	PrevNew   uint64 // hops of Prev that the baseline lacks; only where WasStated
	Unique    uint8  // unique length of Next
	PrevLen   uint8  // unique length of Prev, 0 without one
	Longest   uint8  // longest unique length that was normal, 0 unknown

	Known        bool // the prefix has a baseline, its own or inherited
	Mixed        bool // hops of the baseline may belong to another origin
	Inherited    bool // the prefix is a new more-specific
	OriginKnown  bool // the origin is unknown or a baseline origin
	OriginTested bool // there were baseline origins to compare with

	slot *slot
	base [2]Base // for Origins
}

// Origins appends the origins that the prefix was expected to have, ascending.
func (r *RIB) Origins(dst []route.ASN, ch *Change) []route.ASN { return r.originsOf(dst, ch.base) }

// originsOf appends the origins of two generations, ascending.
func (r *RIB) originsOf(dst []route.ASN, base [2]Base) []route.ASN {
	start := len(dst)
	b, old := r.bases.arena.at(base[0]), r.bases.arena.at(base[1])
	for i := range b.origins() {
		dst = append(dst, r.as.asn(b.origin(i)))
	}
	if base[1] == 0 || base[1] == base[0] {
		return dst
	}
	for i := range old.origins() {
		dst = insertASN(dst, start, r.as.asn(old.origin(i)))
	}
	return dst
}

// insertASN puts a into the ascending run dst[start:] unless it is there.
func insertASN(dst []route.ASN, start int, a route.ASN) []route.ASN {
	i := len(dst)
	for i > start && dst[i-1] >= a {
		i--
	}
	if i < len(dst) && dst[i] == a {
		return dst
	}
	dst = append(dst, 0)
	copy(dst[i+1:], dst[i:])
	dst[i] = a
	return dst
}

// State notes whether a fact stands about the route that ch announced. It must
// be called before the RIB's next call.
func (r *RIB) State(ch *Change, stated bool) {
	if ch.slot == nil {
		return
	}
	*ch.slot &^= slotState
	if stated {
		*ch.slot |= slotState
	}
}

// Origin returns the origin of a path, 0 unknown.
func (r *RIB) Origin(n Node) route.ASN { return r.as.asn(r.tree.nodes[n].origin) }

// Absent returns those of the hops of next that prev does not hold.
func (r *RIB) Absent(next Node, hops uint64, prev Node) uint64 {
	absent := uint64(0)
	for i, m := 0, next; hops>>i != 0; i++ {
		if hops>>i&1 != 0 && !r.tree.holds(prev, r.tree.nodes[m].as) {
			absent |= 1 << i
		}
		m = r.tree.nodes[m].parent
	}
	return absent
}
