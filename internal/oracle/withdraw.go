package oracle

import (
	"maps"
	"slices"

	"detour/route"
)

// Withdraw applies one withdrawn prefix (§5). Without addPath pathID is ignored
// and the route is the one in the peer's slot.
func (s *Shard) Withdraw(t route.Time, peer route.Peer, p route.Prefix, pathID uint32, addPath bool) Facts {
	s.advance(t)
	was := s.visibility(p)
	f := s.withdraw(peer, p, pathID, addPath)
	s.visible(&f, p, was)
	return f
}

func (s *Shard) withdraw(peer route.Peer, p route.Prefix, pathID uint32, addPath bool) Facts {
	st := s.prefixes[p]
	if st == nil {
		return Facts{}
	}
	sl, d := st.slots[peer], st.ids[peer]
	if sl == nil || sl.down || addPath && (d == nil || !d.has(pathID)) {
		return Facts{}
	}
	s.touch(st)
	if addPath && pathID != d.main {
		delete(d.extras, pathID)
		return Facts{Outcome: Forgotten}
	}
	if d != nil && len(d.extras) > 0 {
		d.main = slices.Min(slices.Collect(maps.Keys(d.extras)))
		u := d.extras[d.main]
		delete(d.extras, d.main)
		return s.change(st, peer, u)
	}
	delete(st.ids, peer)

	held := s.held(sl)
	s.judgeOld(st, sl)
	f := Facts{
		Outcome: Withdrawn, HasPrev: true, Prev: slices.Clone(sl.path.tail),
		NoBaseline: !st.known, Inherited: st.inherited, Origins: st.origins(),
		Left: sl.stated, Loss: held, Held: held,
	}
	sl.down, sl.stated, sl.changed = true, false, s.now
	return f
}

// Reset ends the peer's session: its routes go down and keep their paths, its
// ADD-PATH ids go. Nothing is stated and nothing is taught. It returns the
// prefixes whose visibility turned, in their order.
func (s *Shard) Reset(peer route.Peer) (turned []Visibility) {
	for p, st := range s.prefixes {
		was := s.visibility(p)
		delete(st.ids, peer)
		if sl := st.slots[peer]; sl != nil {
			sl.down, sl.reset, sl.stated = true, true, false
		}
		if is := s.visibility(p); is.low() != was.low() {
			turned = append(turned, is)
		}
	}
	slices.SortFunc(turned, func(a, b Visibility) int {
		if a.Prefix.Less(b.Prefix) {
			return -1
		}
		return 1
	})
	return turned
}
