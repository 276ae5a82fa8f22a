package wire

import "detour/route"

// sessionList holds the sessions of a frame under construction.
type sessionList struct {
	raw    []byte
	places indexTable
	count  uint32
	frame  uint64 // counts frames
	recent [sessionSlots]recentSession
}

const sessionSlots = 256

// recentSession is a session by its id. Its bytes are kept from frame to frame:
// within an epoch an id keeps its peer.
type recentSession struct {
	s            *route.Session
	start        route.Time
	feed4, feed6 route.Feed
	place        uint32 // in the list of frame
	frame        uint64
	raw          []byte
}

func (r *recentSession) is(s *route.Session) bool {
	return r.s == s && r.start == s.Start && r.feed4 == s.Feed4 && r.feed6 == s.Feed6
}

func (l *sessionList) reset() {
	l.raw, l.count = l.raw[:0], 0
	l.places.reset()
	l.frame++
}

// findPeer sets r, the slot of s, to its place in the frame's peer list. It adds
// s at first mention and when it has changed since.
func (b *FrameBuilder) findPeer(r *recentSession, s *route.Session) {
	l := &b.sessions
	if !r.is(s) {
		*r = recentSession{s: s, start: s.Start, feed4: s.Feed4, feed6: s.Feed6, raw: r.raw[:0]}
	}
	r.frame = l.frame
	key := uint64(s.ID)
	slot, ok := l.places.find(key, s)
	if ok {
		r.place = slot.index
		return
	}
	r.place = l.count
	l.places.set(slot, key, s, l.count)
	if len(r.raw) == 0 {
		r.raw = appendSession(r.raw, frmSessions, s, 0)
	}
	l.raw = append(l.raw, r.raw...)
	b.size += len(r.raw)
	l.count++
}
