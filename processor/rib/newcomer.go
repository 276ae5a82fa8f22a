package rib

import "detour/route"

// MaxNewcomers is the number of newcomers that a prefix remembers.
const MaxNewcomers = 16

const (
	newcomerOrigin = 1 << 31
	holdSeconds    = uint32(Hold / route.Second)
)

// register notes the new judged hops of a path, and its origin if that is new.
func (r *RIB) register(st *prefixState, n Node, hops uint64, origin bool) {
	for m, i := n, 0; hops != 0; i++ {
		if hops&1 != 0 {
			r.registerAS(st, r.tree.nodes[m].as)
		}
		hops >>= 1
		m = r.tree.nodes[m].parent
	}
	if origin {
		r.registerAS(st, r.tree.nodes[n].origin|newcomerOrigin)
	}
}

func (r *RIB) registerAS(st *prefixState, as uint32) {
	list, _ := r.news.list(st.news)
	for _, known := range list {
		if known == as {
			return
		}
	}
	if len(list) == MaxNewcomers {
		r.Counters.NewcomersRefused++
		return
	}
	now := uint32(r.now / route.Second)
	if st.news = r.news.add(st.news, as, now); len(list) == 0 {
		st.due = now + holdSeconds
	}
}

// settle ends the HOLD of newcomers: those still in use become normal, the
// others are forgotten.
func (r *RIB) settle(f *family, id uint32) {
	st := &f.state[id]
	now := uint32(r.now / route.Second)
	if st.news == 0 || now < st.due {
		return
	}
	// Origins first, so that an AS finds the origin that came with it.
	as, at := r.news.list(st.news)
	for _, origin := range [2]bool{true, false} {
		for i := range as {
			asn := as[i] &^ newcomerOrigin
			if now-at[i] < holdSeconds || (as[i] != asn) != origin {
				continue
			}
			if used, loose := r.inUse(f, id, asn, origin); used {
				st.base = r.learnAS(st.base, asn, origin, loose)
				st.flags &^= stateInherited
			}
		}
	}
	r.keepNewcomers(st, func(_, at uint32) bool { return now-at < holdSeconds })
}

// forgetKnown drops newcomers that the baseline now holds.
func (r *RIB) forgetKnown(st *prefixState) {
	if st.news == 0 {
		return
	}
	r.keepNewcomers(st, func(as, _ uint32) bool {
		id, origin := as&^newcomerOrigin, as&newcomerOrigin != 0
		return !r.inBase(st.base, id, origin) && !r.inBase(st.old, id, origin)
	})
}

// keepNewcomers shortens a prefix's list, which is in order of first sight, and
// brings the prefix up to date with it.
func (r *RIB) keepNewcomers(st *prefixState, keep func(as, at uint32) bool) {
	as, at := r.news.list(st.news)
	n := 0
	for i := range as {
		if keep(as[i], at[i]) {
			as[n], at[n] = as[i], at[i]
			n++
		}
	}
	if n == 0 {
		r.news.release(st.news)
		st.news = 0
		return
	}
	r.news.cut(st.news, n)
	st.due = at[0] + holdSeconds
}

// inUse reports whether a route of the prefix that is up runs through as, or
// has it as origin; and whether one that runs through it has an origin that the
// current baseline lacks. Further ADD-PATH paths are routes, too.
func (r *RIB) inUse(f *family, id, as uint32, origin bool) (used, loose bool) {
	base := f.state[id].base
	see := func(n Node) {
		if r.uses(n, as, origin) {
			used = true
			loose = loose || !origin && (r.tree.loose(n) || !r.inBase(base, r.tree.nodes[n].origin, true))
		}
	}
	for i := range f.columns {
		if s := f.columns[i].get(id); s.up() {
			see(s.node())
			for n := range r.pathIDs.extras(slotKey(f.route, Peer(i), id)) {
				see(n)
			}
		}
	}
	return used, loose
}

// uses reports whether as is an on-path hop of n's path, or its origin.
func (r *RIB) uses(n Node, as uint32, origin bool) bool {
	if origin {
		return r.tree.nodes[n].origin == as
	}
	for ; r.tree.nodes[n].length != 0; n = r.tree.nodes[n].parent {
		if h := &r.tree.nodes[n]; h.as == as && h.parent != 0 {
			return true
		}
	}
	return false
}
