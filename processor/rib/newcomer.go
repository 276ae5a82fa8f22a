package rib

import "detour/route"

// MaxNewcomers is the number of newcomers that a prefix remembers.
const MaxNewcomers = 16

const (
	newcomerOrigin = 1 << 31
	holdSeconds    = uint32(Hold / route.Second)
)

// newcomers is what a prefix has seen that its baseline lacks, by first sight.
type newcomers struct {
	n  uint32
	as [MaxNewcomers]uint32 // dense AS id, newcomerOrigin set for an origin
	at [MaxNewcomers]uint32 // engine time in seconds
}

// newcomerPool hands out newcomers by index; 0 is none.
type newcomerPool struct {
	all  []newcomers
	free []uint32
}

func (p *newcomerPool) alloc() uint32 {
	if k := len(p.free); k > 0 {
		id := p.free[k-1]
		p.free = p.free[:k-1]
		return id
	}
	if len(p.all) == 0 {
		p.all = append(p.all, newcomers{})
	}
	p.all = append(p.all, newcomers{})
	return uint32(len(p.all) - 1)
}

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
	if st.news == 0 {
		st.news = r.news.alloc()
	}
	l := &r.news.all[st.news]
	for i := range l.n {
		if l.as[i] == as {
			return
		}
	}
	if l.n == MaxNewcomers {
		r.Counters.NewcomersRefused++
		return
	}
	l.as[l.n], l.at[l.n] = as, uint32(r.now/route.Second)
	if l.n++; l.n == 1 {
		st.due = l.at[0] + holdSeconds
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
	for _, origin := range [2]bool{true, false} {
		l := &r.news.all[st.news]
		for i := range l.n {
			as := l.as[i] &^ newcomerOrigin
			if now-l.at[i] < holdSeconds || (l.as[i] != as) != origin {
				continue
			}
			if used, loose := r.inUse(f, id, as, origin); used {
				st.base = r.learnAS(st.base, as, origin, loose)
				st.flags &^= stateInherited
			}
		}
	}
	l, keep := &r.news.all[st.news], uint32(0)
	for i := range l.n {
		if now-l.at[i] < holdSeconds {
			l.as[keep], l.at[keep] = l.as[i], l.at[i]
			keep++
		}
	}
	l.n = keep
	r.trimmed(st)
}

// forgetKnown drops newcomers that the baseline now holds.
func (r *RIB) forgetKnown(st *prefixState) {
	if st.news == 0 {
		return
	}
	l := &r.news.all[st.news]
	keep := uint32(0)
	for i := range l.n {
		as, origin := l.as[i]&^newcomerOrigin, l.as[i]&newcomerOrigin != 0
		if r.inBase(st.base, as, origin) || r.inBase(st.old, as, origin) {
			continue
		}
		l.as[keep], l.at[keep] = l.as[i], l.at[i]
		keep++
	}
	l.n = keep
	r.trimmed(st)
}

// trimmed brings the prefix up to date with its shortened list, which is in
// order of first sight.
func (r *RIB) trimmed(st *prefixState) {
	if l := &r.news.all[st.news]; l.n != 0 {
		st.due = l.at[0] + holdSeconds
		return
	}
	r.news.free = append(r.news.free, st.news)
	st.news = 0
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
