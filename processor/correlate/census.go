package correlate

import (
	"detour/route"
	"detour/wire"
)

// census holds how many routes and prefixes there are, summed over shards.
type census struct {
	seen        bool   // a shard has told any
	known, held [2]int // prefixes by family that anybody holds, and those that at least 3 sessions hold
	table       [2]int // what a feed is measured by: known, less what a single peer has in excess
	told        map[censusKey]told64
	prefixes    map[route.ASN]int // by the origin that announced them first
}

// What makes a table full (DETECTION §7: one full table primed, or nine tenths
// of the prefixes held by three sessions). The Internet had 100,000 IPv4
// prefixes in 2001 and 20,000 IPv6 prefixes in 2015.
const (
	fullTable4  = 100_000
	fullTable6  = 20_000
	heldPercent = 90
)

type censusKey struct {
	shard  uint32
	peer   uint32 // session, or AllPeers
	family int
}

// told64 is what a shard told last.
type told64 struct {
	routes, raised uint64
	byDefault      bool
}

// census takes what the shards tell of themselves at one moment.
func (c *Correlator) takeCensus(group []*item, t route.Time) {
	any := false
	for _, it := range group {
		switch it.Kind {
		case wire.RecordCensus:
			c.countRoutes(it, t)
			any = true
		case wire.RecordOrigin:
			c.census.prefixes[it.Origin] += int(it.Delta)
			any = true
		}
	}
	if !any {
		return
	}
	c.census.seen = true
	c.measure()
	for _, it := range group {
		if it.Kind == wire.RecordCensus && it.Peer != route.AllPeers {
			s := &c.sessions.list[it.Peer]
			if c.cfg.Learn == 0 {
				s.busy(t)
			}
			c.repeats(s, t)
			c.recount(s)
		}
	}
	if !c.mature && !c.late && c.cfg.Maturity == MatureAuto && c.complete() {
		c.setMature()
	}
}

// countRoutes adds up over shards what each of them told last.
func (c *Correlator) countRoutes(it *item, t route.Time) {
	f := familyIndex(it.Prefix.Family)
	key := censusKey{it.shard, it.Peer, f}
	was, byDefault := c.census.told[key], it.Flags&wire.RecordDefault != 0
	c.census.told[key] = told64{it.Routes, it.Raised, byDefault}
	if it.Peer == route.AllPeers {
		c.census.known[f] += int(it.Routes) - int(was.routes)
		c.census.held[f] += int(it.Raised) - int(was.raised)
		return
	}
	s := &c.sessions.list[it.Peer]
	s.routes[f] += int(it.Routes) - int(was.routes)
	if was.byDefault != byDefault {
		s.byDefault[f]--
		if byDefault {
			s.byDefault[f] += 2
		}
	}
	if s.countedAt != t {
		s.raised, s.again, s.countedAt = 0, 0, t
	}
	s.raised += int(it.Raised)
	s.again += int(it.Delta)
}

// A burst of routes that are announced as they were is a table given again: the
// session was reset, and nobody said so (DETECTION §6). Of a session with few
// routes it is a few that flap: in quiet recordings up to 3,224 in ten seconds, from
// a session of which 2,053 routes were known.
const (
	repeatRoutes  = 2000 // in a census, and
	repeatPercent = 1    // of the session's routes
)

// repeats lets a session learn whose table is given again. What it withdrew
// nobody knows then: it may have gone with the session.
func (c *Correlator) repeats(s *session, t route.Time) {
	if !s.busyFeed() || s.again < repeatRoutes || 100*s.again < repeatPercent*(s.routes[0]+s.routes[1]) {
		return
	}
	if !s.learning(t) {
		c.learns(s, t)
		c.stats.Repeats++
	}
	if c.cfg.Learn == 0 {
		s.busyAt = t
	}
	for _, w := range c.watch.list {
		if i, ok := w.find(s.id); ok && w.routes[i].doubt(w) {
			c.weigh(w, t)
		}
	}
}

// measure finds out what a whole table is. Where two peers of different ASNs have one
// by any measure, what a third has beyond them is its own: it must not make partial
// feeds of all others.
func (c *Correlator) measure() {
	for f, full := range [2]int{fullTable4, fullTable6} {
		var first, second int
		var asn route.ASN // of the first
		for i := range c.sessions.list {
			s := &c.sessions.list[i]
			switch n := s.routes[f]; {
			case !s.trusted() || n <= second:
			case s.peer.ASN == asn:
				first = max(first, n)
			case n > first:
				first, second, asn = n, first, s.peer.ASN
			default:
				second = n
			}
		}
		c.census.table[f] = c.census.known[f]
		if second >= full {
			c.census.table[f] = min(c.census.known[f], second)
		}
	}
}

// wellHeld reports whether three sessions hold nearly all prefixes of a family.
func (n *census) wellHeld(family int) bool { return 100*n.held[family] >= heldPercent*n.known[family] }

// complete reports whether the routes from before are known.
func (c *Correlator) complete() bool {
	for f, full := range [2]int{fullTable4, fullTable6} {
		if c.census.known[f] >= full && c.census.wellHeld(f) {
			return true
		}
		for i := range c.sessions.list {
			if s := &c.sessions.list[i]; s.primed && s.trusted() && s.routes[f] >= full {
				return true
			}
		}
	}
	return false
}

// filled reports whether the table is whole enough to say what most prefixes of
// an origin are. The user's word makes up for paths from before the log; it
// cannot make up for prefixes that nobody has told of.
func (c *Correlator) filled() bool {
	for f := range c.census.known {
		if c.census.known[f] > 0 && c.census.wellHeld(f) {
			return true
		}
	}
	return false
}

// setMature notes that the routes from before are known. Who votes changes with
// it.
func (c *Correlator) setMature() {
	c.mature = true
	c.explain.matures(c)
	for i := range c.sessions.list {
		c.recount(&c.sessions.list[i])
	}
}
