package rib

import "detour/route"

// Source says where a route comes from.
type Source uint8

// Sources.
const (
	FromUpdate  Source = iota
	FromTable          // a table dump: fills an empty slot, silently
	FromPriming        // updates taken as a table: fills a slot of which no update has spoken, silently
)

// Announce applies one announced prefix and describes in ch what changed. The
// path is one that Path returned for the same peer; addPath says that n carries
// a path identifier.
func (r *RIB) Announce(pe Peer, n route.NLRI, addPath bool, path Path, src Source, ch *Change) {
	*ch = Change{Judged: path.Judged, Unique: path.Unique, Next: path.Node}
	f := r.family(n.Family)
	if src != FromUpdate && r.spoken(f, pe, n, addPath, src) {
		return
	}
	id, isNew := r.prefix(f, n.Prefix())
	if id == 0 {
		ch.Outcome = Refused
		return
	}
	if ch.NewPrefix = isNew; !isNew {
		r.touch(f, id, n.Prefix())
	}
	key := slotKey(f.route, pe, id)
	if addPath {
		switch r.pathIDs.announce(key, n.PathID, path) {
		case pathIDRefused:
			r.Counters.PathIDsRefused++
			ch.Outcome = Refused
			return
		case pathIDSame:
			return
		case pathIDExtra:
			r.extra(f, id, n.Prefix(), src, ch)
			return
		}
	} else {
		r.pathIDs.drop(key)
	}
	c := &f.columns[pe]
	s := c.at(id, len(f.state))
	if src != FromUpdate {
		c.primed.set(id)
		r.fill(f, id, key, s, ch)
		return
	}
	c.primed.touch(id)
	r.replace(f, id, n.Prefix(), pe, s, ch)
}

// replace gives a route its new path (docs/state.md §4).
func (r *RIB) replace(f *family, id uint32, p route.Prefix, pe Peer, s *slot, ch *Change) {
	if s.up() && s.node() == ch.Next {
		return
	}
	key := slotKey(f.route, pe, id)
	ch.Held = r.judgeOld(f, id, key, s)
	ch.WasStated = s.stated()
	st := &f.state[id]
	longest := s.longest()
	if ch.Prev = s.node(); ch.Prev != 0 {
		ch.PrevOwn = ch.Held
	} else if st.flags&stateInherited != 0 {
		if c := f.columns[pe].get(st.cover); c.up() {
			ch.Prev, longest = c.node(), c.longest()
		}
	}
	if ch.Prev != 0 {
		ch.PrevLen = r.tree.nodes[ch.Prev].length + 1
	}
	if ch.WasStated && st.base != 0 {
		ch.PrevNew, _ = r.against(st, ch.Prev)
	}
	ch.Longest = uint8(longest)
	r.compare(f, id, p, ch)
	back := s.byReset() && s.node() == ch.Next
	f.comes(&f.state[id], *s, ch)
	s.set(ch.Next)
	if !back {
		r.remember(key)
	}
	ch.Outcome, ch.Moved, ch.slot = Announced, true, s
}

// extra judges a further ADD-PATH path, which replaces nothing.
func (r *RIB) extra(f *family, id uint32, p route.Prefix, src Source, ch *Change) {
	if src != FromUpdate {
		r.teachTable(&f.state[id], ch.Next)
		ch.Outcome = Filled
		return
	}
	r.compare(f, id, p, ch)
	ch.Outcome = Extra
}

// spoken reports whether an update spoke of a route since its session began;
// then a table dump has nothing to add, except a further ADD-PATH path. Priming may
// fill again what it has filled itself.
func (r *RIB) spoken(f *family, pe Peer, n route.NLRI, addPath bool, src Source) bool {
	id := f.index.find(n.Prefix())
	if id == 0 {
		return false
	}
	c := &f.columns[pe]
	s := c.get(id)
	if s.node() == 0 || s.byReset() || src == FromPriming && c.primed.has(id) {
		return false
	}
	key := slotKey(f.route, pe, id)
	main, _ := r.pathIDs.main(key)
	return !addPath || main == 0 || r.pathIDs.has(key, n.PathID)
}

// fill takes a route of a table dump: it counts as held and teaches at once.
func (r *RIB) fill(f *family, id uint32, key uint64, s *slot, ch *Change) {
	st := &f.state[id]
	ch.Prev, ch.base = s.node(), [2]Base{st.base, st.old}
	ch.Moved = !s.up() || ch.Prev != ch.Next
	f.comes(st, *s, ch)
	s.set(ch.Next)
	s.raise(int(ch.Unique))
	r.recent.forget(key)
	r.teachTable(st, ch.Next)
	ch.Outcome = Filled
}

// compare fills in how ch.Next stands against the prefix's baseline, and
// registers what is new.
func (r *RIB) compare(f *family, id uint32, p route.Prefix, ch *Change) {
	st := &f.state[id]
	ch.Young = r.tree.youngHops(ch.Next, ch.Judged, ch.Prev)
	ch.Known = st.base != 0
	ch.Inherited = st.flags&stateInherited != 0
	ch.OriginKnown = true
	if !ch.Known {
		if m := r.moreSpecific(f, p); m != nil {
			r.expect(ch, m)
			_, ch.OriginKnown = r.against(m, ch.Next)
		}
		return
	}
	r.expect(ch, st)
	ch.Mixed = r.mixed(st)
	fresh, known := r.against(st, ch.Next)
	ch.Newcomers, ch.OriginKnown = fresh&ch.Judged, known
	if ch.Newcomers != 0 || !known {
		r.register(st, ch.Next, ch.Newcomers, !known)
	}
}

// against returns the hops that both generations of the baseline lack, and
// whether one of them has the origin (or it is unknown).
func (r *RIB) against(st *prefixState, n Node) (fresh uint64, known bool) {
	v := r.judge(st.base, n)
	fresh, known = v.new, v.known
	if st.old != 0 && st.old != st.base && (fresh != 0 || !known) {
		w := r.judge(st.old, n)
		fresh &= w.new
		known = known || w.known
	}
	return fresh, known
}

// mixed reports whether a hop of the baseline may be on the way to another
// origin than the one at hand, so that finding it there proves nothing.
func (r *RIB) mixed(st *prefixState) bool {
	b, old := r.bases.arena.at(st.base), r.bases.arena.at(st.old)
	if b.loose() || old.loose() || b.origins() > 1 || old.origins() > 1 {
		return true
	}
	return b.origins() == 1 && old.origins() == 1 && b.origin(0) != old.origin(0)
}

// expect notes whose origins the route's origin is compared with.
func (r *RIB) expect(ch *Change, st *prefixState) {
	ch.base = [2]Base{st.base, st.old}
	ch.OriginTested = r.bases.arena.at(st.base).origins()+r.bases.arena.at(st.old).origins() > 0
}

// remember notes that a slot changed now.
func (r *RIB) remember(key uint64) {
	if !r.recent.add(key, r.now) {
		r.Counters.RecentRefused++
	}
}
