package correlate

import (
	"cmp"

	"detour/route"
	"detour/wire"
)

// session is one vantage point as the correlator knows it. It outlives the BGP
// sessions with it.
type session struct {
	id       uint32 `snapshot:"-"` // its place in the table
	peer     route.Peer
	ingester uint32
	feed     [2]route.Feed // by family, as its ingester says
	seen     [2]bool       // a change of that family was told since the session came up
	counted  [2]bool       // among the voters
	met      bool          // a record of it was judged; the table holds it from arrival on
	begun    bool
	down     bool
	twin     bool       // its peer ASN has several sessions
	primed   bool       // a table told its routes
	from     route.Time // begin
	until    route.Time // before this the session only teaches, at the latest
	least    route.Time // and until this in any case

	lastAt route.Time // of what was told of it
	stale  bool       // silent for long: nobody knows what it holds
	silent bool       // its ingester is

	ignored    bool // by the user's word
	distrusted bool // it contradicts all others
	doubts     doubts

	routes    [2]int // that it holds, by family
	byDefault [2]int // shards that say that the default route is among them
	raised    int    // that came up before the last census
	again     int    // that were announced again as they were before it
	countedAt route.Time
	busyAt    route.Time // the last census that found many new routes
}

// vantage returns the AS that stands in front of the session's paths; 0 where a
// virtual hop does.
func (s *session) vantage(flags wire.RecordFlags) route.ASN {
	switch {
	case s.peer.Internal() && s.peer.LocalASN != 0:
		return s.peer.LocalASN
	case s.peer.Internal(), flags&wire.RecordVirtualFirst == 0:
		return s.peer.ASN
	}
	return 0
}

// A session that counts as learning by itself does so for at least leastLearn,
// and as long as a census, each ten seconds, finds many new routes.
const (
	leastLearn  = 60 * route.Second
	mostLearn   = 30 * route.Minute
	guessLearn  = 300 * route.Second // where nobody tells of new routes
	busyPause   = 20 * route.Second
	busyRoutes  = 10 // new routes in a census, and
	busyPercent = 2  // of the session's routes, are many
)

// learning reports whether what the session shows at t is known only since it
// came up (DETECTION §4).
func (s *session) learning(t route.Time) bool {
	switch {
	case !s.begun, t < s.least:
		return true
	case t >= s.until:
		return false
	}
	return s.busyAt == 0 || t < s.from+leastLearn || t < s.busyAt+busyPause
}

// busy notes what a census at t says of new routes.
func (s *session) busy(t route.Time) {
	if s.busyAt == 0 && s.learning(t) {
		s.busyAt, s.until = t, s.from+mostLearn
	}
	if s.raised > busyRoutes && 100*s.raised > busyPercent*(s.routes[0]+s.routes[1]) {
		s.busyAt = t
	}
}

// votes reports whether the session counts among the peers of a family: it has a
// full feed, by its ingester's word or because it holds half of all that is
// known. As long as little is known, having told a change is enough.
func (s *session) votes(family int, mature bool, known int) bool {
	if s.feed[family] == route.FeedUnknown && (!mature || known == 0) {
		return s.seen[family] && s.trusted() && !s.down && !s.stale && !s.silent
	}
	f := s.feedNow(family, known)
	return f.class() == ClassFull
}

// staleAfter is how long a session may be silent, not even telling a changed
// number of routes, while others are not (DETECTION §6).
const staleAfter = 30 * route.Minute

// busyFeed is how many routes a session has that is never silent for long.
const busyFeed = 10_000

// ageSessions takes sessions that are silent for long at t out of every
// denominator, and finds out when to look again. Like all that happens by
// itself it does not wait for a record.
func (c *Correlator) ageSessions(t route.Time) {
	c.ageDue = lastTime
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		switch {
		case !s.met || s.stale || !s.busyFeed():
		case t > s.lastAt+staleAfter:
			s.stale = true
			c.recount(s)
		default:
			c.ageDue = min(c.ageDue, s.staleAt())
		}
	}
}

func (s *session) busyFeed() bool { return s.routes[0]+s.routes[1] >= busyFeed }

// staleAt returns the full minute in which s has been silent for long.
func (s *session) staleAt() route.Time {
	t := s.lastAt + staleAfter
	return t - t%route.Minute + route.Minute
}

func familyIndex(f route.Family) int {
	if f == route.IPv6 {
		return 1
	}
	return 0
}

type sessionKey struct {
	ingester uint32
	peer     route.Peer
}

// sessionTable gives sessions small numbers in the order of their arrival,
// which must therefore never show in what is emitted.
type sessionTable struct {
	list   []session
	index  map[sessionKey]uint32
	byASN  map[route.ASN][]uint32
	voters [2]map[route.ASN]uint32 // by family: peer ASN to its voting sessions
}

func newSessionTable() sessionTable {
	return sessionTable{
		index:  make(map[sessionKey]uint32),
		byASN:  make(map[route.ASN][]uint32),
		voters: [2]map[route.ASN]uint32{make(map[route.ASN]uint32), make(map[route.ASN]uint32)},
	}
}

func (t *sessionTable) intern(key sessionKey, limit int) (uint32, bool) {
	if id, ok := t.index[key]; ok {
		return id, true
	}
	if len(t.list) >= limit {
		return 0, false
	}
	id := uint32(len(t.list))
	t.list = append(t.list, session{peer: key.peer, ingester: key.ingester, id: id})
	t.index[key] = id
	t.byASN[key.peer.ASN] = append(t.byASN[key.peer.ASN], id)
	if twins := t.byASN[key.peer.ASN]; len(twins) > 1 {
		t.list[twins[0]].twin, t.list[id].twin = true, true
	}
	return id, true
}

// recount brings the voters up to date with s.
func (c *Correlator) recount(s *session) {
	for family := range s.counted {
		votes := c.votes(s, family)
		if votes == s.counted[family] {
			continue
		}
		s.counted[family] = votes
		voters := c.sessions.voters[family]
		if votes {
			voters[s.peer.ASN]++
		} else if voters[s.peer.ASN]--; voters[s.peer.ASN] == 0 {
			delete(voters, s.peer.ASN)
		}
	}
}

// aboutRoute are the flags of a change that is told for more than a young way.
const aboutRoute = wire.RecordInflated | wire.RecordShortened | wire.RecordOriginNew | wire.RecordWatched

// touch notes that a record of it's session was judged at t. Passed over is what
// depends on the number of shards: nodes, edges that another shard has told
// before, changes that are told for a young way alone, and the end of those.
func (c *Correlator) touch(it *item, t route.Time) {
	if it.Peer == route.AllPeers {
		return
	}
	switch it.Kind {
	case degradation, wire.RecordNode, wire.RecordLeft:
		return
	case wire.RecordEdge:
		if !c.firstHop(it) {
			return
		}
	case wire.RecordChange:
		if it.Newcomers == 0 && it.Flags&aboutRoute == 0 {
			return
		}
	}
	s := &c.sessions.list[it.Peer]
	s.met, s.feed, s.lastAt, s.stale = true, it.feed, t, false
	if s.busyFeed() {
		c.ageDue = min(c.ageDue, s.staleAt())
	}
	switch it.Kind {
	case wire.RecordEvent, wire.RecordCensus:
	case wire.RecordEdge:
		c.begin(s, t)
	default:
		c.begin(s, t)
		s.seen[familyIndex(it.Prefix.Family)] = true
	}
	if it.Flags&wire.RecordTable != 0 {
		s.primed = true
	}
	c.recount(s)
}

// firstHop reports whether it is the first to tell this edge of its session.
func (c *Correlator) firstHop(it *item) bool {
	key := pack(it.Peer, uint32(it.AS))
	if _, ok := c.firstHops[key]; ok {
		return false
	}
	if len(c.firstHops) >= c.cfg.Limits.FirstHops {
		c.refused.FirstHops++
		return false
	}
	c.firstHops[key] = struct{}{}
	return true
}

// begin notes that the session shows routes.
func (c *Correlator) begin(s *session, t route.Time) {
	if !s.begun {
		c.learns(s, t)
	}
	s.down = false
}

// learns begins the session's learning.
func (c *Correlator) learns(s *session, t route.Time) {
	s.begun, s.from, s.busyAt = true, t, 0
	if c.learnUntil == lastTime { // the first session of all
		c.learnUntil = max(t+max(c.cfg.Learn, guessLearn), c.lateUntil)
	}
	if c.late {
		s.least = c.lateUntil
	}
	switch {
	case c.cfg.Learn > 0:
		s.until = t + c.cfg.Learn
	case c.census.seen:
		s.until, s.busyAt = t+mostLearn, t
	default:
		s.until = t + guessLearn
	}
}

// event applies a session event to the sessions that it is about.
func (c *Correlator) event(it *item, t route.Time) {
	switch it.Event {
	case route.KindGap:
		c.gap(it, t)
		return
	case route.KindSilent, route.KindHeard:
		c.silence(it.Ingester, it.Event == route.KindSilent, t)
		return
	}
	if it.Peer != route.AllPeers {
		c.sessionEvent(&c.sessions.list[it.Peer], it.Event, t)
	} else {
		for i := range c.sessions.list {
			if s := &c.sessions.list[i]; s.met && s.ingester == it.Ingester {
				c.sessionEvent(s, it.Event, t)
			}
		}
	}
	switch it.Event {
	case route.KindPeerUp, route.KindPeerDown:
		c.endRoutes(it.Ingester, it.Peer, t)
	case route.KindEndOfRIB:
		c.endOfRIB(it, t)
	}
}

// endRoutes takes the routes of a session, or of all of an ingester, out of all
// that counts them.
func (c *Correlator) endRoutes(ingester, session uint32, t route.Time) {
	c.loseRoutes(ingester, session, t)
	c.leaveSession(ingester, session, t)
}

// endOfRIB ends learning altogether where all peers of an ingester are meant:
// their tables were given.
func (c *Correlator) endOfRIB(it *item, t route.Time) {
	if it.Peer == route.AllPeers {
		c.learnUntil = min(c.learnUntil, max(t, c.lateUntil))
	}
}

func (c *Correlator) sessionEvent(s *session, kind route.Kind, t route.Time) {
	switch kind {
	case route.KindPeerUp:
		c.learns(s, t)
		s.down, s.seen = false, [2]bool{}
		c.forgetShown(s)
	case route.KindPeerDown:
		s.begun, s.down, s.seen = false, true, [2]bool{}
		c.forgetShown(s)
	case route.KindEndOfRIB:
		if !s.begun {
			c.learns(s, t)
		}
		s.until = min(s.until, t)
	}
	c.recount(s)
}

// comparePeers orders sessions by what everybody can see of them.
func (c *Correlator) comparePeers(a, b uint32) int {
	x, y := &c.sessions.list[a], &c.sessions.list[b]
	return cmp.Or(
		cmp.Compare(x.peer.ASN, y.peer.ASN),
		x.peer.Addr.Compare(y.peer.Addr),
		cmp.Compare(x.peer.Collector, y.peer.Collector),
		x.peer.Router.Compare(y.peer.Router),
		cmp.Compare(x.peer.Distinguisher, y.peer.Distinguisher),
		cmp.Compare(x.peer.View, y.peer.View),
		cmp.Compare(x.peer.LocalASN, y.peer.LocalASN),
		cmp.Compare(c.ingesters.names[x.ingester], c.ingesters.names[y.ingester]),
	)
}
