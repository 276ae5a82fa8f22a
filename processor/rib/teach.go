package rib

import "detour/route"

// judgeOld lets a route that was held teach what is normal, before it changes
// (docs/state.md §4.4). It reports whether the route was up and held.
func (r *RIB) judgeOld(f *family, id uint32, key uint64, s *slot) bool {
	if !s.up() || !r.recent.held(key, r.now) {
		return false
	}
	st := &f.state[id]
	length := int(r.tree.nodes[s.node()].length) + 1
	if st.base == 0 {
		st.base = r.heldRoutes(f, id, nil)
		s.raise(length)
		return true
	}
	if s.longest() >= min(length, longestMax) && st.flags&stateInherited == 0 {
		return true // it could teach nothing
	}
	if fresh, known := r.against(st, s.node()); fresh == 0 && known {
		s.raise(length)
		st.flags &^= stateInherited
	}
	return true
}

// heldRoutes returns a baseline of all routes of a prefix that are up and held,
// 0 when there is none. With st, routes that hold newcomers are left out.
func (r *RIB) heldRoutes(f *family, id uint32, st *prefixState) Base {
	b := Base(0)
	for i := range f.columns {
		s := f.columns[i].get(id)
		if !s.up() || !r.recent.held(slotKey(f.route, Peer(i), id), r.now) {
			continue
		}
		if st != nil {
			if fresh, known := r.against(st, s.node()); fresh != 0 || !known {
				continue
			}
		}
		b = r.learn(b, s.node())
	}
	return b
}

// teachTable lets a table-dump route teach at once.
func (r *RIB) teachTable(st *prefixState, n Node) {
	if st.flags&stateInherited != 0 {
		st.base, st.old = 0, 0
		st.flags &^= stateInherited
	}
	st.base = r.learn(st.base, n)
	r.forgetKnown(st)
}

// touch brings a prefix up to the present before an update looks at it
// (docs/state.md §3).
func (r *RIB) touch(f *family, id uint32, p route.Prefix) {
	r.settle(f, id)
	st := &f.state[id]
	period := r.period(p)
	if period <= st.period {
		return
	}
	st.period = period
	if st.base != 0 {
		b := r.heldRoutes(f, id, st)
		st.old = st.base
		if b != 0 {
			st.base = b
		}
	}
}

// period numbers the ageing period that a prefix is in.
func (r *RIB) period(p route.Prefix) uint16 {
	phase := r.hash(p) % uint64(Age)
	return uint16((uint64(r.now) + phase) / uint64(Age))
}

func (r *RIB) inBase(b Base, as uint32, origin bool) bool {
	if b == 0 {
		return false
	}
	if origin {
		return r.bases.arena.at(b).hasOrigin(as)
	}
	return r.bases.arena.at(b).set().has(as)
}
