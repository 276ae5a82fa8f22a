package correlate

import (
	"cmp"
	"slices"

	"detour/route"
	"detour/wire"
)

// session is one vantage point as the correlator knows it. It outlives the BGP
// sessions with it.
type session struct {
	peer     route.Peer
	ingester uint32
	feed     [2]route.Feed // by family
	seen     [2]bool       // a change of that family was told since the session came up
	counted  [2]bool       // among the voters
	met      bool          // a record of it was judged; the table holds it from arrival on
	begun    bool
	down     bool
	until    route.Time // before this the session only teaches
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

// learning reports whether what the session shows at t is known only since it
// came up (DETECTION §4).
func (s *session) learning(t route.Time) bool { return !s.begun || t < s.until }

// votes reports whether the session counts among the peers of a family. Where
// nobody knows its feed class, having told a change is enough.
func (s *session) votes(family int) bool {
	return !s.down && (s.feed[family] == route.FeedFull || s.feed[family] == route.FeedUnknown && s.seen[family])
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
	voters [2]map[route.ASN]uint32 // by family: peer ASN to its voting sessions
}

func newSessionTable() sessionTable {
	return sessionTable{
		index:  make(map[sessionKey]uint32),
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
	t.list = append(t.list, session{peer: key.peer, ingester: key.ingester})
	t.index[key] = id
	return id, true
}

// recount brings the voters up to date with s.
func (t *sessionTable) recount(s *session) {
	for family := range s.counted {
		votes := s.votes(family)
		if votes == s.counted[family] {
			continue
		}
		s.counted[family] = votes
		voters := t.voters[family]
		if votes {
			voters[s.peer.ASN]++
		} else if voters[s.peer.ASN]--; voters[s.peer.ASN] == 0 {
			delete(voters, s.peer.ASN)
		}
	}
}

// touch notes that a record of it's session was judged at t. Node records are
// passed over, and so are edges that another shard has told before: which of
// them there are depends on the number of shards.
func (c *Correlator) touch(it *item, t route.Time) {
	if it.Kind == wire.RecordNode || it.Kind == degradation || it.Peer == route.AllPeers {
		return
	}
	if it.Kind == wire.RecordEdge && !c.firstHop(it) {
		return
	}
	s := &c.sessions.list[it.Peer]
	s.met, s.feed = true, it.feed
	switch it.Kind {
	case wire.RecordEvent:
	case wire.RecordEdge:
		s.begin(t, c.cfg.Learn)
	default:
		s.begin(t, c.cfg.Learn)
		s.seen[familyIndex(it.Prefix.Family)] = true
	}
	c.sessions.recount(s)
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

func (s *session) begin(t, learn route.Time) {
	if !s.begun {
		s.begun, s.until = true, t+learn
	}
	s.down = false
}

// event applies a session event to the sessions that it is about.
func (c *Correlator) event(it *item, t route.Time) {
	if it.Event == route.KindGap {
		c.stats.Gaps++
		c.gapAt, c.gapSeen = max(t, c.gapAt), true
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
	if it.Event == route.KindPeerUp || it.Event == route.KindPeerDown {
		c.loseRoutes(it.Ingester, it.Peer, t)
	}
}

func (c *Correlator) sessionEvent(s *session, kind route.Kind, t route.Time) {
	switch kind {
	case route.KindPeerUp:
		s.begun, s.until, s.down, s.seen = true, t+c.cfg.Learn, false, [2]bool{}
	case route.KindPeerDown:
		s.begun, s.down, s.seen = false, true, [2]bool{}
	case route.KindEndOfRIB:
		s.begun, s.until = true, min(s.until, t)
	}
	c.sessions.recount(s)
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

// nameTable gives ingesters small numbers; 0 is none.
type nameTable struct {
	names []string
}

func (n *nameTable) intern(name []byte, limit int) (uint32, bool) {
	if i := slices.IndexFunc(n.names, func(s string) bool { return s == string(name) }); i >= 0 {
		return uint32(i), true // a handful
	}
	if len(n.names) > limit {
		return 0, false
	}
	n.names = append(n.names, string(name))
	return uint32(len(n.names) - 1), true
}
