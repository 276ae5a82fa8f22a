package cluster

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"

	"detour/stream"
)

// maxMembers bounds the members that are listened to. One more is refused until
// another has been silent for a while.
const maxMembers = 1024

// forget is after which a silent member is no longer told of.
const forget = time.Minute

// view is what a member knows of the others. It reads no clock.
type view struct {
	self    string
	members map[string]*member
	refused uint64
}

// member is another processor as it was last heard.
type member struct {
	heartbeat *stream.Heartbeat
	heard     time.Time
}

func newView(self string) *view { return &view{self: self, members: map[string]*member{}} }

// hear takes note of a heartbeat. A goodbye ends a member at once; a heartbeat of
// an earlier life that comes late is ignored.
func (v *view) hear(h *stream.Heartbeat, now time.Time) {
	if h.Member == v.self || h.Role != stream.RoleProcess {
		return
	}
	m := v.members[h.Member]
	switch {
	case m != nil && h.Started < m.heartbeat.Started:
		return
	case h.Goodbye:
		delete(v.members, h.Member)
		return
	case m == nil && len(v.members) >= maxMembers:
		v.refused++
		return
	case m == nil:
		m = &member{}
		v.members[h.Member] = m
	}
	m.heartbeat, m.heard = h, now
}

// age forgets members that were silent for long.
func (v *view) age(now time.Time) {
	for name, m := range v.members {
		if now.Sub(m.heard) > forget {
			delete(v.members, name)
		}
	}
}

// excuse takes all members that were alive at `then` for heard now: whoever was
// frozen or cut off itself must not take the others for dead.
func (v *view) excuse(then, now time.Time) {
	for _, m := range v.members {
		if then.Sub(m.heard) <= stream.MemberDead {
			m.heard = now
		}
	}
}

// live returns the members that count, without this one.
func (v *view) live(now time.Time) []*stream.Heartbeat {
	var list []*stream.Heartbeat
	for _, m := range v.members {
		if !m.heartbeat.Leaving && now.Sub(m.heard) <= stream.MemberDead {
			list = append(list, m.heartbeat)
		}
	}
	return list
}

// standing is what a member is to do about a unit.
type standing struct {
	rank     int  // among the live members, 0 is first
	relieved bool // enough others, all better ranked, are at the log's end
	covered  bool // any other is, so that this member is in no hurry
}

// stand ranks this member for a unit. A member that leaves ranks last.
func (v *view) stand(unit, replicas int, leaving bool, now time.Time) standing {
	mine := score(v.self, unit)
	var s standing
	current := 0
	for _, h := range v.live(now) {
		theirs := score(h.Member, unit)
		better := theirs > mine || theirs == mine && h.Member < v.self
		isCurrent := runs(h, unit)
		s.covered = s.covered || isCurrent
		if !leaving && !better {
			continue
		}
		s.rank++
		if isCurrent {
			current++
		}
	}
	s.relieved = current >= replicas
	return s
}

// runs reports whether a member is at the end of a unit's log.
func runs(h *stream.Heartbeat, unit int) bool {
	i := slices.IndexFunc(h.Units, func(u stream.UnitState) bool { return u.Unit == unit })
	return i >= 0 && h.Units[i].Current
}

// score is the weight of a member for a unit: rendezvous hashing (Thaler and
// Ravishankar 1998). Members that come or go move only their own units.
func score(member string, unit int) uint64 {
	h := fnv.New64a()
	h.Write([]byte{byte(unit), byte(unit >> 8)})
	h.Write([]byte(member))
	x := h.Sum64()
	// FNV leaves the last octets in the low bits; names differ there.
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// sorted returns what is known of the others, by name.
func (v *view) sorted() []*stream.Heartbeat {
	var list []*stream.Heartbeat
	for _, m := range v.members {
		list = append(list, m.heartbeat)
	}
	slices.SortFunc(list, func(a, b *stream.Heartbeat) int { return cmp.Compare(a.Member, b.Member) })
	return list
}
