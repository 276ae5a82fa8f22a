package correlate

import "detour/route"

// Class says how much of a family's table a peer shows, or why that counts for
// nothing.
type Class string

// Classes, the first that holds. Only a full one is among the peers of which alerts
// speak.
const (
	ClassIgnored     Class = "ignored"      // by the user's word
	ClassDistrusted  Class = "distrusted"   // it contradicts all others; see trust.go
	ClassDown        Class = "down"         // its session is
	ClassStale       Class = "stale"        // it is silent for long, or its ingester is: nobody knows what it holds
	ClassLearning    Class = "learning"     // its table is still coming in
	ClassFull        Class = "full"         // half of what is known, or its ingester says so
	ClassDefaultOnly Class = "default-only" // the default route and hardly anything else
	ClassPartial     Class = "partial"
	ClassNone        Class = "none" // no route of the family
)

// fewRoutes is how many routes are hardly anything beside a default route.
const fewRoutes = 10

// feed is what the class of one session's family goes by.
type feed struct {
	ignored, distrusted, down, stale, learning bool

	said          route.Feed // by its ingester
	routes, known int        // that it holds, and prefixes that a whole table has
	byDefault     bool       // the default route is one of them
}

// class returns the class of a feed.
func (f *feed) class() Class {
	switch {
	case f.ignored:
		return ClassIgnored
	case f.distrusted:
		return ClassDistrusted
	case f.down:
		return ClassDown
	case f.stale:
		return ClassStale
	case f.learning:
		return ClassLearning
	}
	return f.holds()
}

// holds returns the class that a feed has by what it holds.
func (f *feed) holds() Class {
	switch {
	case f.said == route.FeedFull:
		return ClassFull
	case f.byDefault && f.routes <= fewRoutes:
		return ClassDefaultOnly
	case f.routes == 0:
		return ClassNone
	case f.said == route.FeedPartial, f.known == 0, 2*f.routes < f.known:
		return ClassPartial
	}
	return ClassFull
}

// feedOf describes what s shows of a family at t.
func (c *Correlator) feedOf(s *session, family int, t route.Time) feed {
	f := s.feedNow(family, c.census.table[family])
	f.learning = s.begun && s.learning(t)
	return f
}

func (s *session) feedNow(family, known int) feed {
	return feed{
		ignored: s.ignored, distrusted: s.distrusted, down: s.down, stale: s.stale || s.silent,
		said: s.feed[family], routes: s.routes[family], known: known, byDefault: s.byDefault[family] > 0,
	}
}
