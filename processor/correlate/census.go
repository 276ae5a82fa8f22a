package correlate

import (
	"detour/route"
	"detour/wire"
)

// census holds how many routes and prefixes there are, summed over shards.
type census struct {
	seen        bool   // a shard has told any
	known, held [2]int // prefixes by family, and those that at least 3 sessions hold
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
type told64 struct{ routes, raised uint64 }

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
	for _, it := range group {
		if it.Kind == wire.RecordCensus && it.Peer != route.AllPeers {
			s := &c.sessions.list[it.Peer]
			if c.cfg.Learn == 0 {
				s.busy(t)
			}
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
	was := c.census.told[key]
	c.census.told[key] = told64{it.Routes, it.Raised}
	if it.Peer == route.AllPeers {
		c.census.known[f] += int(it.Routes) - int(was.routes)
		c.census.held[f] += int(it.Raised) - int(was.raised)
		return
	}
	s := &c.sessions.list[it.Peer]
	s.routes[f] += int(it.Routes) - int(was.routes)
	if s.countedAt != t {
		s.raised, s.countedAt = 0, t
	}
	s.raised += int(it.Raised)
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
			if s := &c.sessions.list[i]; s.primed && s.routes[f] >= full {
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
