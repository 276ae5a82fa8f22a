package wire

import "detour/route"

// sessionList holds the sessions of a frame under construction.
type sessionList struct {
	raw    []byte
	places indexTable
	count  uint32
	recent [sessionSlots]recentSession
}

const sessionSlots = 1024

// recentSession is a session by its id. Its bytes are kept from frame to frame:
// within an epoch an id keeps its peer.
type recentSession struct {
	s            *route.Session
	start        route.Time
	feed4, feed6 route.Feed
	raw          []byte
}

func (r *recentSession) is(s *route.Session) bool {
	return r.s == s && r.start == s.Start && r.feed4 == s.Feed4 && r.feed6 == s.Feed6
}

func (l *sessionList) reset() {
	l.raw, l.count = l.raw[:0], 0
	l.places.reset()
}

// findPeer returns the place of s in the frame's peer list. It adds s at first
// mention and when it has changed since.
func (b *FrameBuilder) findPeer(s *route.Session) uint32 {
	l := &b.sessions
	key := uint64(s.ID)
	slot, ok := l.places.find(key, s)
	if ok {
		return slot.index
	}
	if slot.gen == l.places.gen {
		b.heads.forget() // those that name what the session was
	}
	l.places.set(slot, key, s, l.count)
	r := &l.recent[s.ID%sessionSlots]
	if !r.is(s) {
		*r = recentSession{s: s, start: s.Start, feed4: s.Feed4, feed6: s.Feed6, raw: r.raw[:0]}
	}
	if len(r.raw) == 0 {
		r.raw = appendSession(r.raw, frmSessions, s, 0)
	}
	l.raw = append(l.raw, r.raw...)
	b.size += len(r.raw)
	l.count++
	return l.count - 1
}
