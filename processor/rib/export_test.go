package rib

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"detour/internal/oracle"
	"detour/route"
)

// SweepNow reclaims whatever the bounds.
func (r *RIB) SweepNow() {
	r.sweepNodes()
	r.sweepBases()
	r.Counters.Sweeps++
}

// Live returns how many nodes and baselines are in use.
func (r *RIB) Live() (nodes, bases int) { return r.tree.live, r.bases.live }

// Dump writes the state in the words of oracle.Dump.
func (r *RIB) Dump(peers []route.Peer) string {
	var b strings.Builder
	type entry struct {
		p  route.Prefix
		f  *family
		id uint32
	}
	var all []entry
	for i := range r.fam {
		f := &r.fam[i]
		f.index.each(f.route, func(p route.Prefix, id uint32) { all = append(all, entry{p, f, id}) })
	}
	slices.SortFunc(all, func(a, b entry) int {
		if a.p.Less(b.p) {
			return -1
		}
		return 1
	})
	order := make([]int, len(peers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(oracle.PeerText(peers[a]), oracle.PeerText(peers[b]))
	})
	for _, e := range all {
		r.dumpPrefix(&b, e.p, &e.f.state[e.id])
		for _, i := range order {
			r.dumpSlot(&b, e.f, e.id, Peer(i), peers[i])
		}
		st := &e.f.state[e.id]
		fmt.Fprintf(&b, "  up %d lost %d low=%t\n", st.up, st.lost, st.flags&stateLow != 0)
	}
	return b.String()
}

func (r *RIB) dumpPrefix(b *strings.Builder, p route.Prefix, st *prefixState) {
	switch {
	case st.base == 0:
		fmt.Fprintf(b, "%v unknown\n", p)
	case st.flags&stateInherited != 0:
		fmt.Fprintf(b, "%v inherited\n", p)
	default:
		fmt.Fprintf(b, "%v own\n", p)
	}
	if st.base != 0 {
		fmt.Fprintf(b, "  current %s\n", r.dumpBase(st.base))
		fmt.Fprintf(b, "  old %s\n", r.dumpBase(st.old))
	}
	if st.news == 0 {
		return
	}
	as, at := r.news.list(st.news)
	for _, origin := range []bool{false, true} {
		var lines []newcomerLine
		for i := range as {
			if as[i]&newcomerOrigin != 0 == origin {
				lines = append(lines, newcomerLine{r.as.asn(as[i] &^ newcomerOrigin), at[i]})
			}
		}
		slices.SortFunc(lines, func(a, b newcomerLine) int { return cmp.Compare(a.as, b.as) })
		word := map[bool]string{false: "as", true: "origin"}[origin]
		for _, x := range lines {
			fmt.Fprintf(b, "  newcomer %s %d first %d\n", word, x.as, x.at)
		}
	}
}

type newcomerLine struct {
	as route.ASN
	at uint32
}

func (r *RIB) dumpBase(b Base) string {
	var ases, origins []route.ASN
	if b != 0 {
		c := r.bases.arena.at(b)
		for _, id := range c.set().members(nil) {
			ases = append(ases, r.as.asn(id))
		}
		for i := range c.origins() {
			origins = append(origins, r.as.asn(c.origin(i)))
		}
	}
	slices.Sort(ases)
	slices.Sort(origins)
	return fmt.Sprintf("%v origins %v", ases, origins)
}

func (r *RIB) dumpSlot(b *strings.Builder, f *family, id uint32, pe Peer, p route.Peer) {
	s := f.columns[pe].get(id)
	if s == 0 {
		return
	}
	state := "up"
	if s.down() {
		state = "down"
	}
	if s.byReset() {
		state = "reset"
	}
	key := slotKey(f.route, pe, id)
	fmt.Fprintf(b, "  slot %s %s stated=%t held=%t longest=%d path %v\n",
		oracle.PeerText(p), state, s.stated(), s.up() && r.recent.held(key, r.now), s.longest(), r.Tail(nil, s.node()))
	head := r.pathIDs.heads.Get(key)
	if head == nil {
		return
	}
	fmt.Fprintf(b, "    main id %d\n", r.pathIDs.all[*head].id)
	var extras []pathEntry
	for e := r.pathIDs.all[*head].next; e != 0; e = r.pathIDs.all[e].next {
		extras = append(extras, r.pathIDs.all[e])
	}
	slices.SortFunc(extras, func(a, b pathEntry) int { return cmp.Compare(a.id, b.id) })
	for _, e := range extras {
		fmt.Fprintf(b, "    extra id %d path %v\n", e.id, r.Tail(nil, e.node))
	}
}
