package live

import "detour/route"

// touched is which routes sessions have told of while a Primer is at work: what it
// hands in of these is older. It is under the desk's lock; a nil one notes nothing.
type touched struct {
	most   int // routes
	routes map[touchedRoute]struct{}
	heard  map[uint32]struct{} // sessions that told of any
	whole  map[uint32]struct{} // sessions of which nothing is taken any more
}

type touchedRoute struct {
	session uint32
	prefix  route.Prefix
	id      uint32 // of the path, with ADD-PATH
}

// maxTouched bounds what is noted, to some 150 MB. Of sessions that go on to tell of
// routes at the bound nothing is taken any more.
const maxTouched = 1 << 21

func newTouched(most int) *touched {
	return &touched{
		most: most, routes: map[touchedRoute]struct{}{}, heard: map[uint32]struct{}{}, whole: map[uint32]struct{}{},
	}
}

// note notes the routes of an update.
func (t *touched) note(session uint32, u *route.Update) {
	if t == nil {
		return
	}
	t.heard[session] = struct{}{}
	for _, list := range [2][]route.NLRI{u.Withdrawn, u.Announced} {
		for _, n := range list {
			if len(t.routes) >= t.most {
				t.over(session)
				return
			}
			t.routes[touchedOf(session, n, u)] = struct{}{}
		}
	}
}

func touchedOf(session uint32, n route.NLRI, u *route.Update) touchedRoute {
	r := touchedRoute{session: session, prefix: n.Prefix()}
	if u.Flags&route.FlagPathIDs != 0 {
		r.id = n.PathID
	}
	return r
}

// over says that what a session held before is void: it ended, or began anew.
func (t *touched) over(session uint32) {
	if t != nil {
		t.whole[session] = struct{}{}
	}
}

// void reports whether nothing of before is taken any more of a session.
func (t *touched) void(session uint32) bool {
	if t == nil {
		return true
	}
	_, over := t.whole[session]
	return over
}

// silent reports whether nothing was heard of a session: then an end from before takes
// down all that it has.
func (t *touched) silent(session uint32) bool {
	_, heard := t.heard[session]
	return !heard
}

// leaveOut takes out of an update what its session has told of by itself. It reports
// whether anything is left.
func (t *touched) leaveOut(session uint32, u *route.Update) bool {
	if t == nil {
		return u.Elements() > 0
	}
	if _, over := t.whole[session]; over {
		return false
	}
	u.Withdrawn, u.MPWithdrawn = t.untouched(session, u, u.Withdrawn, u.MPWithdrawn)
	u.Announced, u.MPAnnounced = t.untouched(session, u, u.Announced, u.MPAnnounced)
	return u.Elements() > 0
}

// untouched returns what is left of a list, and where its part from mp on begins then.
func (t *touched) untouched(session uint32, u *route.Update, list []route.NLRI, mp int) ([]route.NLRI, int) {
	left, begin := list[:0], 0
	for i, n := range list {
		if _, known := t.routes[touchedOf(session, n, u)]; known {
			continue
		}
		left = append(left, n)
		if i < mp {
			begin++
		}
	}
	return left, begin
}
