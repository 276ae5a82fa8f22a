package correlate

import (
	"slices"

	"detour/route"
)

// nameTable gives ingesters small numbers; 0 is none.
type nameTable struct {
	names []string
	heard []hearing // by number
}

// hearing is how well an ingester is heard.
type hearing struct {
	silent bool
	since  route.Time // silent
	gaps   uint64
	gapAt  route.Time // the last gap
	gapped bool
}

func (n *nameTable) intern(name []byte, limit int) (uint32, bool) {
	if i := slices.IndexFunc(n.names, func(s string) bool { return s == string(name) }); i >= 0 {
		return uint32(i), true // a handful
	}
	if len(n.names) > limit {
		return 0, false
	}
	n.names = append(n.names, string(name))
	n.heard = append(n.heard, hearing{})
	return uint32(len(n.names) - 1), true
}

// silentFor is how long nothing was heard of an ingester when a shard says so, at
// least.
const silentFor = 30 * route.Second

// gap notes that updates of an ingester were lost. Each shard tells of its own
// part of one loss; what comes within a minute counts once.
func (c *Correlator) gap(it *item, t route.Time) {
	h := &c.ingesters.heard[it.Ingester]
	if !h.gapped || t >= h.gapAt+quietAfter {
		c.stats.Gaps++
		h.gaps++
	}
	h.gapped, h.gapAt = true, max(t, h.gapAt)
	c.gapAt, c.gapSeen = max(t, c.gapAt), true
	c.doubtWatched(it.Ingester, it.Peer, t)
}

// silence takes the sessions of an ingester that fell silent out of every
// denominator, and back in. What they show after that is learned first: much may
// have changed.
func (c *Correlator) silence(ingester uint32, silent bool, t route.Time) {
	h := &c.ingesters.heard[ingester]
	if h.silent == silent {
		return
	}
	h.silent, h.since = silent, t-silentFor
	c.missing = nil
	if silent {
		c.silent++
	} else {
		c.silent--
	}
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		if !s.met || s.ingester != ingester {
			continue
		}
		if s.silent = silent; !silent && s.begun {
			c.learns(s, t)
		}
		c.recount(s)
	}
	if silent {
		c.doubtWatched(ingester, route.AllPeers, t)
	}
}
