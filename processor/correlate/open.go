package correlate

import "detour/route"

// openLeak opens the incident of the suspect that was found, takes in the
// routes that showed it lately, and tells of it.
func (c *Correlator) openLeak(f found, it *item, t route.Time) {
	x := f.k.x
	if old, n := c.migration(x); n {
		c.migrate(f, old, t)
		return
	}
	p := c.openIncident(leakKey(x), t, f.in.First)
	if p == nil {
		return
	}
	p.in, p.rule, p.received = f.in, f.rule.name, it.Received
	p.units.since = stampAt(f.in.First)
	c.explain.leaks(c, p, &f)
	for i := range c.recent.n {
		m := c.recent.at(i)
		at := c.suspectAt(m, x)
		if at < 0 {
			if c.routeOf(m.prefix, m.session) == p {
				c.leave(p, m.prefix, m.session, m.at, &p.gone)
			}
			continue
		}
		c.joinMoment(p, m, at)
		if c.paths.marks[m.next] != p.opening {
			c.settlePath(m)
			c.holdPath(p, m.next)
		}
	}
	p.lastFact = t
	c.announce(p, t)
}

// suspectAt returns the place of x on the path of m if it was fresh there, or
// -1.
func (c *Correlator) suspectAt(m *moment, x asID) int {
	if m.next == 0 || m.fresh|m.edges == 0 {
		return -1
	}
	for i, as := range c.paths.get(m.next) {
		if as == x && i < 64 && (m.fresh>>i&1 != 0 || i > 0 && m.edges>>(i-1)&1 != 0) {
			return i
		}
	}
	return -1
}

func (c *Correlator) joinMoment(p *incident, m *moment, at int) {
	path := c.paths.get(m.next)
	j := joining{
		prefix: m.prefix, session: m.session, prev: m.prev, next: m.next, expected: m.expected,
		announced: c.known.as.asn(path[len(path)-1]), bits: m.bits,
	}
	if at > 0 {
		j.to = path[at-1]
	} else {
		j.to = c.known.as.find(c.sessions.list[m.session].peer.ASN)
	}
	if at+1 < len(path) {
		j.from = path[at+1]
	}
	c.join(p, &j, m.at)
}

// settlePath empties the candidates of all that were fresh on the path of m:
// they are explained now.
func (c *Correlator) settlePath(m *moment) {
	for i, as := range c.paths.get(m.next) {
		if i >= 64 {
			break
		}
		if m.fresh>>i&1 != 0 {
			if k := c.leaks.cands[byPair].find(as); k != nil {
				c.explain.settles(c, k, byPair)
				k.clear()
			}
		}
		if i > 0 && m.edges>>(i-1)&1 != 0 {
			if k := c.leaks.cands[byEdge].find(as); k != nil {
				c.explain.settles(c, k, byEdge)
				k.clear()
			}
		}
	}
}

// announce tells of a p that has just opened, and of its prefixes.
func (c *Correlator) announce(p *incident, t route.Time) {
	c.tellIncident(p, t)
	places := make([]int, 0, len(p.list))
	for i := range p.list {
		if p.list[i].routes > 0 {
			places = append(places, i)
		}
	}
	c.firePrefixes(p, places, t)
	c.schedule(p, t)
}

// absorb brings the route of it into the open leak incident of an AS on its
// path, if that AS is new there, and reports whether it did.
func (c *Correlator) absorb(it *item, prefix prefixID, t route.Time) bool {
	path := c.paths.get(it.Next)
	for i, as := range path {
		p := c.incidents.ofLeaker(as)
		if p == nil || i >= 64 {
			continue
		}
		if c.paths.marks[it.Next] != p.opening {
			c.examine(it)
			if c.hops.fresh>>i&1 == 0 && (i == 0 || c.hops.edges>>(i-1)&1 == 0) {
				continue
			}
			c.holdPath(p, it.Next)
		}
		c.absorbInto(p, it, prefix, i, t)
		return true
	}
	return false
}

func (c *Correlator) absorbInto(p *incident, it *item, prefix prefixID, at int, t route.Time) {
	m := momentOf(it, prefix, t)
	known := len(p.list)
	c.joinMoment(p, &m, at)
	c.firePrefix(p, m.prefix, known, t)
	c.grow(p, t)
}

// migration finds out whether x took the place of another AS: between the same
// neighbours, on nearly all of the routes that show it.
func (c *Correlator) migration(x asID) (old asID, is bool) {
	n, same := 0, 0
	for i := range c.recent.n {
		m := c.recent.at(i)
		at := c.suspectAt(m, x)
		if at < 0 {
			continue
		}
		n++
		path, prev := c.paths.get(m.next), c.paths.get(m.prev)
		if len(path) != len(prev) || at+1 >= len(path) || prev[at] == x || prev[at] == 0 {
			continue
		}
		if !equalBeside(path, prev, at) || old != 0 && prev[at] != old {
			continue
		}
		old = prev[at]
		same++
	}
	return old, n >= 5 && 10*same >= 9*n
}

// equalBeside reports whether two paths of one length differ at place at only.
func equalBeside(a, b []asID, at int) bool {
	for i := range a {
		if i != at && a[i] != b[i] {
			return false
		}
	}
	return true
}

// migrate notes that a new AS took the place of an old one: no leak.
func (c *Correlator) migrate(f found, old asID, t route.Time) {
	c.stats.Migrations++
	c.explain.migrates()
	for i := range c.recent.n {
		if m := c.recent.at(i); c.suspectAt(m, f.k.x) >= 0 {
			c.settlePath(m)
		}
	}
	c.tellMigration(f, old, t)
}
