package rib

import (
	"slices"

	"detour/route"
)

// CommonFrom is how many sessions hold a prefix that Common counts.
const CommonFrom = 3

// lowFrom is how many sessions must hold a prefix, or have lost it by
// withdrawal, before its visibility can be low (docs/state.md §8).
const lowFrom = 10

// low reports whether as many sessions lost the prefix as still hold it.
func (st *prefixState) low() bool {
	return st.up <= st.lost && uint32(st.up)+uint32(st.lost) >= lowFrom
}

// comes counts that the route in s is about to be up. The counters cannot
// overflow: there are at most 65,535 peers.
func (f *family) comes(st *prefixState, s slot, ch *Change) {
	if s.up() {
		return
	}
	ch.Raised = true
	if s.lost() {
		st.lost--
	}
	if st.up == 0 && st.flags&stateReplica == 0 {
		f.shown++
	}
	if st.up++; st.up == CommonFrom && st.flags&stateReplica == 0 {
		f.common++
	}
	st.turn(ch)
}

// goes counts that a route that is up is about to be withdrawn.
func (f *family) goes(st *prefixState, ch *Change) {
	st.lost++
	f.down(st)
	st.turn(ch)
}

// down counts one session less that holds the prefix.
func (f *family) down(st *prefixState) {
	if st.up == 1 && st.flags&stateReplica == 0 {
		f.shown--
	}
	if st.up--; st.up == CommonFrom-1 && st.flags&stateReplica == 0 {
		f.common--
	}
}

// turn notes whether the visibility became low or stopped being low.
func (st *prefixState) turn(ch *Change) {
	if st.low() != (st.flags&stateLow != 0) {
		st.flags ^= stateLow
		ch.Turned, ch.Up, ch.Lost = true, st.up, st.lost
	}
}

// forget takes the slot s, whose session is gone, out of both counters.
func (f *family) forget(st *prefixState, s slot) {
	switch {
	case s.up():
		f.down(st)
	case s.lost():
		st.lost--
	default:
		return
	}
	if st.low() != (st.flags&stateLow != 0) {
		f.turned = true
	}
}

// Common returns how many prefixes of a family, of those for which the shard
// speaks, are held by at least CommonFrom sessions.
func (r *RIB) Common(f route.Family) int { return r.family(f).common }

// Shown returns how many of them any session holds.
func (r *RIB) Shown(f route.Family) int { return r.family(f).shown }

// Visibility is a prefix whose visibility became low by a reset, or stopped
// being low.
type Visibility struct {
	Prefix   route.Prefix
	Up, Lost uint16 // sessions that hold it, and that lost it by withdrawal
	id       uint32
	base     [2]Base
}

// Turned calls f for prefixes for which the shard speaks and whose visibility
// turned by resets since it was last told, in their order; at most limit of
// them, the others with the next call.
func (r *RIB) Turned(limit int, f func(*Visibility)) {
	for i := range r.fam {
		fam := &r.fam[i]
		if !fam.turned || limit == 0 {
			continue
		}
		r.Work += uint64(len(fam.state))
		all := fam.turns()
		fam.turned = len(all) > limit
		all = all[:min(len(all), limit)]
		limit -= len(all)
		for k := range all {
			fam.state[all[k].id].flags ^= stateLow
			f(&all[k])
		}
	}
}

// turns gathers the prefixes whose visibility is not what was told.
func (f *family) turns() (all []Visibility) {
	f.index.each(f.route, func(p route.Prefix, id uint32) {
		st := &f.state[id]
		if st.low() != (st.flags&stateLow != 0) && st.flags&stateReplica == 0 {
			all = append(all, Visibility{Prefix: p, Up: st.up, Lost: st.lost, id: id, base: [2]Base{st.base, st.old}})
		}
	})
	slices.SortFunc(all, func(a, b Visibility) int {
		if a.Prefix.Less(b.Prefix) {
			return -1
		}
		return 1
	})
	return all
}

// VisibilityOrigins is Origins for a prefix that Turned told of.
func (r *RIB) VisibilityOrigins(dst []route.ASN, v *Visibility) []route.ASN {
	return r.originsOf(dst, v.base)
}
