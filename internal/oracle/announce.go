package oracle

import (
	"slices"

	"detour/route"
)

// Source says where an announcement comes from.
type Source uint8

// Sources.
const (
	News     Source = iota
	Transfer        // a session's first announcement of its routes: no news
	Table           // a table dump
)

// Announce applies one announced prefix. Without addPath pathID is ignored and
// the route is the one in the peer's slot.
func (s *Shard) Announce(t route.Time, peer route.Peer, p route.Prefix, pathID uint32, addPath bool,
	raw route.Path, from Source,
) Facts {
	s.advance(t)
	u := clean(raw, peer)
	s.see(u, from == News)
	was := s.visibility(p)
	var f Facts
	if from == Table {
		f = s.fill(peer, p, pathID, addPath, u)
	} else {
		f = s.announce(peer, p, pathID, addPath, u)
	}
	s.visible(&f, p, was)
	return f
}

func (s *Shard) announce(peer route.Peer, p route.Prefix, pathID uint32, addPath bool, u path) Facts {
	if d := s.idsOf(p, peer); addPath && d != nil && !d.has(pathID) && d.full() {
		s.RefusedIDs++
		return Facts{Outcome: Refused}
	}
	st := s.open(p)
	if !addPath {
		return s.change(st, peer, u)
	}
	d := st.ids[peer]
	if d == nil {
		d = &ids{main: pathID, extras: make(map[uint32]path)}
		st.ids[peer] = d
	}
	if pathID == d.main {
		return s.change(st, peer, u)
	}
	if old, ok := d.extras[pathID]; ok && old.same(u) {
		return Facts{Outcome: Unchanged}
	}
	d.extras[pathID] = u
	f := s.judge(st, u, nil, 0)
	f.Outcome = Extra
	return f
}

func (s *Shard) idsOf(p route.Prefix, peer route.Peer) *ids {
	if st := s.prefixes[p]; st != nil {
		return st.ids[peer]
	}
	return nil
}

// change puts u into the peer's slot (§4, steps 3 to 7).
func (s *Shard) change(st *prefixState, peer route.Peer, u path) Facts {
	sl := st.slots[peer]
	if sl != nil && !sl.down && sl.path.same(u) {
		return Facts{Outcome: Unchanged}
	}
	held := s.held(sl)
	if held {
		s.judgeOld(st, sl)
	}
	before := sl
	if sl == nil && st.inherited {
		if c := st.cover.slots[peer]; c != nil && !c.down {
			before = c
		}
	}
	var prev *path
	longest := 0
	if before != nil {
		prev, longest = &before.path, before.longest
	}
	f := s.judge(st, u, prev, longest)
	f.Outcome = Changed
	f.Held = held
	f.Raised = sl == nil || sl.down
	f.Shortened = held && u.unique()+2 <= sl.path.unique()

	if sl == nil {
		sl = &slot{}
		st.slots[peer] = sl
	}
	f.Left = sl.stated && !f.Any()
	if !sl.reset || !sl.path.same(u) {
		sl.changed = s.now
	}
	sl.path, sl.down, sl.reset, sl.stated = u, false, false, f.Any()
	return f
}

// judge states the facts of u (§6), Shortened excepted, and registers its
// newcomers.
func (s *Shard) judge(st *prefixState, u path, prev *path, longest int) Facts {
	f := Facts{
		Next: slices.Clone(u.tail), Unique: u.unique(), Longest: longest,
		NoBaseline: !st.known, Inherited: st.inherited, MoreSpecific: st.inherited,
		Inflated: 0 < longest && longest < maxLongest && u.unique() >= longest+2,
	}
	if prev != nil {
		f.HasPrev, f.Prev = true, slices.Clone(prev.tail)
	}
	base := st
	if !st.known {
		base = s.standIn(st.prefix)
	}
	if base != nil {
		f.Origins = base.origins()
	}
	f.OriginNew = u.origin != 0 && len(f.Origins) > 0 && !slices.Contains(f.Origins, u.origin)

	all := !st.known || st.mixed() || u.origin != 0 && !st.has(who{u.origin, true})
	for _, i := range u.judgedHops() {
		newcomer := st.known && !st.has(who{asn: u.tail[i]})
		if newcomer {
			f.Newcomers = append(f.Newcomers, i)
		}
		if newcomer || all {
			f.Reported = append(f.Reported, i)
			if prev != nil && !slices.Contains(prev.tail, u.tail[i]) {
				f.Contrast = append(f.Contrast, i)
			}
		}
	}
	f.Young = s.youngHops(u, prev)
	s.register(st, u)
	return f
}

// fill applies a table dump's route: it fills a slot that is empty or down by a
// session reset, or adds an extra id, and teaches at once.
func (s *Shard) fill(peer route.Peer, p route.Prefix, pathID uint32, addPath bool, u path) Facts {
	extra, raised := false, false
	if st := s.prefixes[p]; st != nil && st.slots[peer] != nil && !st.slots[peer].reset {
		d := st.ids[peer]
		if !addPath || d == nil || d.has(pathID) {
			return Facts{}
		}
		if d.full() {
			s.RefusedIDs++
			return Facts{Outcome: Refused}
		}
		extra = true
	}
	st := s.open(p)
	if extra {
		st.ids[peer].extras[pathID] = u
	} else {
		sl := st.slots[peer]
		if sl == nil {
			sl = &slot{}
			st.slots[peer] = sl
		}
		raised = true // it was empty or down
		*sl = slot{path: u, longest: sl.longest, changed: longAgo}
		sl.heldLength()
		if addPath {
			st.ids[peer] = &ids{main: pathID, extras: make(map[uint32]path)}
		}
	}
	if !st.known || st.inherited {
		st.current, st.old = emptyGeneration(), emptyGeneration()
	}
	st.known, st.inherited = true, false
	st.current.add(u)
	st.dropKnownNewcomers()
	return Facts{Outcome: Filled, Raised: raised}
}
