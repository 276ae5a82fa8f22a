package rib

import "detour/route"

// Withdraw applies one withdrawn prefix and describes in ch what changed: the
// route went down, or with ADD-PATH another path took its place.
func (r *RIB) Withdraw(pe Peer, n route.NLRI, addPath bool, ch *Change) {
	*ch = Change{}
	f := r.family(n.Family)
	id := f.index.find(n.Prefix())
	if c := &f.columns[pe]; c.primed != nil {
		c.primed.touch(id)
	}
	if id == 0 {
		return
	}
	key := slotKey(f.route, pe, id)
	if !f.columns[pe].get(id).up() {
		return
	}
	if !addPath {
		r.touch(f, id, n.Prefix())
		r.pathIDs.drop(key)
	} else {
		if !r.pathIDs.has(key, n.PathID) {
			return
		}
		r.touch(f, id, n.Prefix())
		if !r.pathIDs.withdraw(key, n.PathID) {
			return
		}
	}
	s := f.columns[pe].at(id, len(f.state))
	if next, virtual := r.pathIDs.main(key); next != 0 {
		ch.Next, ch.Unique = next, r.tree.nodes[next].length+1
		ch.Judged = r.judgedOf(next, r.peers[pe].vantage(virtual))
		r.replace(f, id, n.Prefix(), pe, s, ch)
		return
	}
	ch.Held = r.judgeOld(f, id, key, s)
	ch.WasStated = s.stated()
	ch.Prev, ch.PrevOwn = s.node(), ch.Held
	ch.PrevLen = r.tree.nodes[ch.Prev].length + 1
	st := &f.state[id]
	ch.Known, ch.Inherited = st.base != 0, st.flags&stateInherited != 0
	r.expect(ch, st)
	if ch.WasStated && ch.Known {
		ch.PrevNew, _ = r.against(st, ch.Prev)
	}
	f.goes(st, ch)
	s.take()
	r.remember(key)
	ch.Outcome = Withdrawn
}

// judgedOf returns the hops of a stored path that may be judged.
func (r *RIB) judgedOf(n Node, vantage route.ASN) uint64 {
	r.tail = r.Tail(r.tail[:0], n)
	mask, _ := judged(r.tail, vantage)
	return mask
}

// Reset takes all routes of a peer down without a fact: its session ended or
// began anew. Turned tells what that did to the visibility of prefixes.
func (r *RIB) Reset(pe Peer) {
	r.EndPriming(pe)
	for i := range r.fam {
		f := &r.fam[i]
		r.Work += uint64(f.columns[pe].places())
		f.columns[pe].each(func(id uint32, s *slot) {
			if s.node() != 0 { // a dense column has slots beyond the prefixes
				f.forget(&f.state[id], *s)
				s.reset()
			}
		})
	}
	r.Work += uint64(r.pathIDs.heads.Len())
	r.pathIDs.dropPeer(pe)
}

// Doubt notes that updates of a peer were lost: what it had withdrawn it may have
// announced again, so it counts as lost no more. What is up stays so until it is
// heard of.
func (r *RIB) Doubt(pe Peer) {
	for i := range r.fam {
		f := &r.fam[i]
		f.columns[pe].each(func(id uint32, s *slot) {
			if s.lost() {
				f.forget(&f.state[id], *s)
				s.reset()
			}
		})
	}
}
