package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"detour/route"
)

// PeerText names a peer by all its fields.
func PeerText(p route.Peer) string {
	return fmt.Sprintf("%s|%v|%d|%v|%d|%d|%d", p.Collector, p.Router, p.Distinguisher, p.Addr, p.ASN, p.LocalASN, p.View)
}

// Dump returns the observable state as text: a line per prefix in their order
// and below it, indented, in this order and each as the format strings say:
// both generations of a known baseline (ASNs ascending), newcomers (ASes, then
// origins, ascending; first sight in seconds), slots by PeerText (held: up and
// held at the shard's time), below each its main ADD-PATH id and the extras by id;
// how many sessions hold the prefix and lost it.
func (s *Shard) Dump() string {
	var b strings.Builder
	all := slices.Collect(maps.Keys(s.prefixes))
	slices.SortFunc(all, func(p, q route.Prefix) int {
		if p.Less(q) {
			return -1
		}
		return 1
	})
	for _, p := range all {
		s.dumpPrefix(&b, s.prefixes[p])
	}
	return b.String()
}

func (s *Shard) dumpPrefix(b *strings.Builder, st *prefixState) {
	switch {
	case !st.known:
		fmt.Fprintf(b, "%v unknown\n", st.prefix)
	case st.inherited:
		fmt.Fprintf(b, "%v inherited\n", st.prefix)
	default:
		fmt.Fprintf(b, "%v own\n", st.prefix)
	}
	if st.known {
		fmt.Fprintf(b, "  current %v origins %v\n", st.current.ases.sorted(), st.current.origins.sorted())
		fmt.Fprintf(b, "  old %v origins %v\n", st.old.ases.sorted(), st.old.origins.sorted())
	}
	ases, origins := set{}, set{}
	for w := range st.newcomers {
		if w.origin {
			origins[w.asn] = true
		} else {
			ases[w.asn] = true
		}
	}
	for _, a := range ases.sorted() {
		fmt.Fprintf(b, "  newcomer as %d first %d\n", a, st.newcomers[who{asn: a}])
	}
	for _, a := range origins.sorted() {
		fmt.Fprintf(b, "  newcomer origin %d first %d\n", a, st.newcomers[who{a, true}])
	}
	peers := slices.SortedFunc(maps.Keys(st.slots), func(p, q route.Peer) int {
		return strings.Compare(PeerText(p), PeerText(q))
	})
	for _, peer := range peers {
		s.dumpSlot(b, peer, st.slots[peer], st.ids[peer])
	}
	v := s.visibility(st.prefix)
	fmt.Fprintf(b, "  up %d lost %d low=%t\n", v.Up, v.Lost, v.low())
}

func (s *Shard) dumpSlot(b *strings.Builder, peer route.Peer, sl *slot, d *ids) {
	state := "up"
	if sl.down {
		state = "down"
	}
	if sl.reset {
		state = "reset"
	}
	fmt.Fprintf(b, "  slot %s %s stated=%t held=%t longest=%d path %v\n",
		PeerText(peer), state, sl.stated, s.held(sl), sl.longest, sl.path.tail)
	if d == nil {
		return
	}
	fmt.Fprintf(b, "    main id %d\n", d.main)
	for _, id := range slices.Sorted(maps.Keys(d.extras)) {
		fmt.Fprintf(b, "    extra id %d path %v\n", id, d.extras[id].tail)
	}
}

func (s set) sorted() []route.ASN { return slices.Sorted(maps.Keys(s)) }
